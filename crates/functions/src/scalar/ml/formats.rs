//! Where files of a format are cut: first at what begins a large part, then at smaller ones, lines, blanks and characters.

const BLANKS: [&str; 4] = ["\n\n", "\n", " ", ""];

/// The separators of a format in order of their weight; None of an unknown format. They are texts, but those of MARKDOWN and LATEX
/// are patterns.
pub(super) fn separators(format: &str) -> Option<(Vec<String>, bool)> {
    let (words, before, after): (&str, &str, &str) = match format {
        "C" | "CPP" => ("class void int float double if for while switch case", "\n", " "),
        "GO" => ("func var const type if for switch case", "\n", " "),
        "JAVA" => ("class public protected private static if for while switch case", "\n", " "),
        "KOTLIN" => ("class public protected private internal companion fun val var if for while when else", "\n", " "),
        "JAVASCRIPT" => ("function const let var class if for while switch case default", "\n", " "),
        "TYPESCRIPT" => {
            ("enum interface namespace type class function const let var if for while switch case default", "\n", " ")
        }
        "PHP" => ("function class if foreach while do switch case", "\n", " "),
        "PYTHON" => ("class def \tdef", "\n", " "),
        "RUBY" => ("def class if unless while for do begin rescue", "\n", " "),
        "RUST" => ("fn const let if while for loop match", "\n", " "),
        "SCALA" => ("class object def val var if for while match case", "\n", " "),
        "SWIFT" => ("func class struct enum if for while do switch case", "\n", " "),
        "ELIXIR" => {
            ("def defp defmodule defprotocol defmacro defmacrop if unless while case cond with for do", "\n", " ")
        }
        "CSHARP" => (
            "interface enum delegate event class abstract public protected private static return if continue for foreach while \
             switch break case else try throw finally catch",
            "\n",
            " ",
        ),
        "SQL" => ("WITH CREATE ALTER DROP INSERT UPDATE DELETE SELECT FROM WHERE GROUP HAVING ORDER", "\n", " "),
        "HTML" => {
            let tags = "<body <div <p <br <li <h1 <h2 <h3 <h4 <h5 <h6 <span <table <tr <td <th <ul <ol <header <footer <nav <head <style \
                        <script <meta <title";
            return Some((tags.split(' ').chain(BLANKS).map(str::to_owned).collect(), false));
        }
        "XML" => return Some((["\n<", "><", ">"].into_iter().chain(BLANKS).map(str::to_owned).collect(), false)),
        "JSON" => {
            let parts = ["\n},", "},", "],", "\n", ","];
            return Some((parts.into_iter().chain(BLANKS).map(str::to_owned).collect(), false));
        }
        "MARKDOWN" => {
            let parts = [r"\n#{1,6} ", r"```\n", r"\n\*\*\*+\n", r"\n---+\n", r"\n___+\n"];
            return Some((parts.into_iter().chain(BLANKS).map(str::to_owned).collect(), true));
        }
        "LATEX" => {
            let parts = "chapter section subsection subsubsection".split(' ').map(|part| format!(r"\n\\{part}\{{"));
            let blocks = "enumerate itemize description list quote quotation verse verbatim align".split(' ');
            let blocks = blocks.map(|block| format!(r"\n\\begin\{{{block}\}}"));
            let rest = [r"\$\$", r"\$"].into_iter().chain(BLANKS).map(str::to_owned);
            return Some((parts.chain(blocks).chain(rest).collect(), true));
        }
        _ => return None,
    };
    let words = words.split(' ').map(|word| format!("{before}{word}{after}"));
    Some((words.chain(BLANKS.map(str::to_owned)).collect(), false))
}

//! The tree of operators, one tree per sink; what was printed before is `(reused)`.

use nutkin_plan::Plan;

/// One blank line before each sink's tree.
pub(super) fn tree(plan: &Plan) -> String {
    let mut printer = Printer { plan, printed: vec![false; plan.nodes.len()], text: String::new() };
    for sink in plan.sinks() {
        printer.text.push('\n');
        printer.node(sink, "", "  ");
    }
    printer.text
}

struct Printer<'a> {
    plan: &'a Plan,
    printed: Vec<bool>,
    text: String,
}

impl Printer<'_> {
    /// `lead` stands before the operator's name, `indent` before its inputs.
    fn node(&mut self, position: usize, lead: &str, indent: &str) {
        let Some(node) = self.plan.nodes.get(position) else { return };
        let number = position + 1;
        if std::mem::replace(&mut self.printed[position], true) {
            self.text.push_str(&format!("{lead}(reused) [{number}]\n"));
            return;
        }
        self.text.push_str(&format!("{lead}{} [{number}]\n", node.operator.name()));
        for (i, &input) in node.inputs.iter().enumerate() {
            let is_last = i + 1 == node.inputs.len();
            let below = if is_last { format!("{indent}  ") } else { format!("{indent}:  ") };
            self.node(input, &format!("{indent}+- "), &below);
        }
    }
}

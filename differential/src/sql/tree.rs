//! An expression as text with places for other expressions.

use nutkin_types::LogicalType;

/// An expression. Without parts that are trees it is a leaf: a column or a literal.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub parts: Vec<Part>,
    /// Its type, as Nutkin says.
    pub logical: LogicalType,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    Child(Tree),
}

impl Tree {
    pub fn leaf(text: impl Into<String>, logical: LogicalType) -> Tree {
        Tree { parts: vec![Part::Text(text.into())], logical }
    }

    pub fn is_leaf(&self) -> bool {
        self.children().next().is_none()
    }

    pub fn children(&self) -> impl Iterator<Item = &Tree> {
        self.parts.iter().filter_map(|part| match part {
            Part::Child(child) => Some(child),
            Part::Text(_) => None,
        })
    }

    /// Whether it is `NAME(...)`, which needs no brackets anywhere.
    fn is_call(&self) -> bool {
        let begins = matches!(self.parts.first(), Some(Part::Text(text)) if text.starts_with(|c: char| c.is_alphabetic()) && text.contains('('));
        begins && matches!(self.parts.last(), Some(Part::Text(text)) if text.ends_with(')'))
    }

    /// The SQL. What stands within another expression is in brackets when it has parts.
    pub fn sql(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Child(child) if child.is_leaf() || child.is_call() => child.sql(),
            Part::Child(child) => format!("({})", child.sql()),
        };
        self.parts.iter().map(part).collect()
    }

    /// How many trees it is made of.
    pub fn size(&self) -> usize {
        1 + self.children().map(Tree::size).sum::<usize>()
    }

    /// Every tree that comes of putting one of `instead(part)` in the place of a part, at any depth; larger parts first.
    pub fn replaced(&self, instead: &dyn Fn(&Tree) -> Vec<Tree>) -> Vec<Tree> {
        let mut found = instead(self);
        for (index, part) in self.parts.iter().enumerate() {
            let Part::Child(child) = part else { continue };
            found.extend(child.replaced(instead).into_iter().map(|child| {
                let mut tree = self.clone();
                tree.parts[index] = Part::Child(child);
                tree
            }));
        }
        found
    }
}

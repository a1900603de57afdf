//! The little that `diagnose` has to know of what it has parsed.

/// A number in [`Nodes`]; [`NOTHING`] for what is absent.
pub(super) type NodeId = u32;

/// An optional item that was not there, or a lookahead.
pub(super) const NOTHING: NodeId = 0;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Several things in a row.
    Seq,
    Token,
    Name,
    Literal,
    True,
    False,
    None,
    Ellipsis,
    JoinedStr,
    TemplateStr,
    /// Neighbouring strings; becomes `Literal` or `JoinedStr`.
    Strings,
    /// A plain string, to be decoded; becomes `Literal`, or `Bytes`.
    String,
    Bytes,
    /// An f-string whose text is to be decoded; becomes `JoinedStr`.
    FString,
    /// A t-string, likewise; becomes `TemplateStr`.
    TString,
    /// Text within a format specification, to be decoded.
    Middle,
    /// `!r`, to be checked.
    Conversion,
    Tuple,
    List,
    Set,
    Dict,
    ListComp,
    SetComp,
    DictComp,
    GeneratorExp,
    Await,
    Yield,
    Call,
    Attribute,
    Subscript,
    Starred,
    Lambda,
    IfExp,
    NamedExpr,
    Operation,
    Compare,
    /// `in x`, the second half of a comparison.
    In,
    /// A `for` clause: its iterable, its conditions.
    Comprehension,
    /// Call arguments.
    Args,
    /// `name=value`
    Keyword,
    /// `**value`
    Unpacking,
    /// A compound statement.
    Statement,
    /// No node of its own: the item named `a`.
    Same,
}

impl Kind {
    pub(super) fn from_name(name: &str) -> Kind {
        use Kind::*;
        const ALL: [Kind; 42] = [
            String,
            Bytes,
            FString,
            TString,
            Middle,
            Conversion,
            Seq,
            Token,
            Name,
            Literal,
            True,
            False,
            None,
            Ellipsis,
            JoinedStr,
            TemplateStr,
            Strings,
            Tuple,
            List,
            Set,
            Dict,
            ListComp,
            SetComp,
            DictComp,
            GeneratorExp,
            Await,
            Yield,
            Call,
            Attribute,
            Subscript,
            Starred,
            Lambda,
            IfExp,
            NamedExpr,
            Operation,
            Compare,
            In,
            Comprehension,
            Args,
            Keyword,
            Unpacking,
            Statement,
        ];
        let found = ALL.iter().find(|kind| format!("{kind:?}") == name);
        found.copied().unwrap_or(Same)
    }

    /// What CPython calls such an expression.
    pub(super) fn expression_name(self) -> &'static str {
        match self {
            Kind::Attribute => "attribute",
            Kind::Subscript => "subscript",
            Kind::Starred => "starred",
            Kind::Name => "name",
            Kind::List => "list",
            Kind::Tuple => "tuple",
            Kind::Lambda => "lambda",
            Kind::Call => "function call",
            Kind::GeneratorExp => "generator expression",
            Kind::Yield => "yield expression",
            Kind::Await => "await expression",
            Kind::ListComp => "list comprehension",
            Kind::SetComp => "set comprehension",
            Kind::DictComp => "dict comprehension",
            Kind::Dict => "dict literal",
            Kind::Set => "set display",
            Kind::JoinedStr => "f-string expression",
            Kind::TemplateStr => "t-string expression",
            Kind::True => "True",
            Kind::False => "False",
            Kind::None => "None",
            Kind::Ellipsis => "ellipsis",
            Kind::Literal => "literal",
            Kind::Compare => "comparison",
            Kind::IfExp => "conditional expression",
            Kind::NamedExpr => "named expression",
            _ => "expression",
        }
    }
}

/// A piece of the source.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The first token.
    pub(super) first: usize,
    /// The last token.
    pub(super) last: usize,
    /// Where its children are in [`Nodes`].
    children: (u32, u32),
}

/// All nodes made so far.
#[derive(Debug)]
pub(super) struct Nodes {
    nodes: Vec<Node>,
    children: Vec<NodeId>,
}

impl Nodes {
    pub(super) fn new() -> Nodes {
        let nothing = Node {
            kind: Kind::Token,
            first: 0,
            last: 0,
            children: (0, 0),
        };
        Nodes {
            nodes: vec![nothing],
            children: Vec::new(),
        }
    }

    pub(super) fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The parts of a node, absent ones included.
    pub(super) fn children(&self, id: NodeId) -> &[NodeId] {
        let (start, end) = self.get(id).children;
        &self.children[start as usize..end as usize]
    }

    /// A new node, from token `first` to token `last`.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        first: usize,
        last: usize,
        children: &[NodeId],
    ) -> NodeId {
        let start = self.children.len() as u32;
        self.children.extend_from_slice(children);
        self.nodes.push(Node {
            kind,
            first,
            last,
            children: (start, self.children.len() as u32),
        });
        (self.nodes.len() - 1) as NodeId
    }

    /// The things in a node, sequences opened, tokens left out.
    pub(super) fn elements(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        for &child in self.children(id) {
            self.collect(child, &mut found);
        }
        found
    }

    fn collect(&self, id: NodeId, found: &mut Vec<NodeId>) {
        match self.get(id).kind {
            Kind::Seq => {
                for &child in self.children(id) {
                    self.collect(child, found);
                }
            }
            Kind::Token => {}
            _ => found.push(id),
        }
    }

    /// Where a range that starts with this node starts.
    pub(super) fn first_item(&self, id: NodeId) -> NodeId {
        match self.get(id).kind {
            Kind::Seq => self.elements(id).first().copied().unwrap_or(id),
            _ => id,
        }
    }

    /// Where a range that ends with this node ends: at the last element of a
    /// sequence (not at a comma behind it), at the last part of a `for` clause.
    pub(super) fn last_item(&self, id: NodeId) -> NodeId {
        let node = self.get(id);
        match node.kind {
            Kind::Seq => match self.elements(id).last() {
                Some(&last) => self.last_item(last),
                None => id,
            },
            // The iterable and, behind it, a sequence of `if` and condition.
            Kind::Comprehension => self.elements(id).last().copied().unwrap_or(id),
            _ => id,
        }
    }

    /// The part of an expression that cannot be a target.
    pub(super) fn invalid_target(&self, id: NodeId, targets: Targets) -> Option<NodeId> {
        let node = self.get(id);
        match node.kind {
            Kind::List | Kind::Tuple => self
                .elements(id)
                .into_iter()
                .find_map(|element| self.invalid_target(element, targets)),
            Kind::Starred if targets == Targets::Del => Some(id),
            Kind::Starred => {
                let value = *self.elements(id).first()?;
                self.invalid_target(value, targets)
            }
            // In `for x in y`, `x in y` reads as a comparison.
            Kind::Compare if targets == Targets::For => {
                let elements = self.elements(id);
                match elements[..] {
                    [left, first, ..] if self.get(first).kind == Kind::In => {
                        self.invalid_target(left, targets)
                    }
                    _ => None,
                }
            }
            Kind::Name | Kind::Subscript | Kind::Attribute => None,
            _ => Some(id),
        }
    }
}

/// What is being assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Targets {
    Star,
    For,
    Del,
}

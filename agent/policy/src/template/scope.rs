//! What the variables in one template, or in one site's files, stand for.

use std::collections::BTreeSet;

use crate::node::{Kind, Node, Word};
use crate::problems::{Problems, Spot};

use super::Given;
use super::head::{Head, Parameter};
use super::substitute::Substitution;

/// A variable's value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Word,
    pub(super) at: Spot,
    pub(super) value: Value,
}

/// What a variable can be.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
}

/// The variables that texts may name, and which of them were named.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    variables: Vec<Variable>,
    used: BTreeSet<String>,
    declared: Vec<Word>,
    /// Parameters without a value: that was said, and is not said again at each use.
    missing: Vec<String>,
    failed: bool,
}

impl Scope {
    /// Gives the parameters their values: what was given, else their defaults, in which those that are
    /// declared above may be named.
    pub(super) fn bind(
        head: &Head,
        given: Option<Given>,
        left: &mut usize,
        problems: &mut Problems,
    ) -> Self {
        let mut scope = Self::default();
        let (at, given) = given.map_or((None, Vec::new()), |it| (Some(it.at), it.variables));
        for parameter in &head.parameters {
            let name = &parameter.name;
            scope.declared.push(name.clone());
            let found = given.iter().find(|it| it.name.text == name.text).cloned();
            let found = found.or_else(|| {
                let default = parameter.default.as_ref()?;
                scope.variable(name, default, left, problems)
            });
            match found {
                Some(variable) => scope.variables.push(variable),
                None => scope.miss(parameter, at, problems),
            }
        }
        for variable in &given {
            let name = &variable.name;
            let known = || head.parameters.iter().map(|it| it.name.text.as_str());
            if known().all(|known| known != name.text) {
                let what = format!("the template has no parameter `{}`", name.text);
                problems.unknown(name.at, what, &name.text, known());
            }
        }
        scope
    }

    fn miss(&mut self, parameter: &Parameter, at: Option<Spot>, problems: &mut Problems) {
        let Parameter {
            name, description, ..
        } = parameter;
        self.missing.push(name.text.clone());
        if parameter.default.is_some() {
            return;
        }
        let meaning = description
            .as_ref()
            .map_or_else(String::new, |text| format!(" ({text})"));
        let what = format!("parameter `{}`{meaning} has no value", name.text);
        let declared = problems.place(name.at);
        let help = match at {
            Some(_) => format!("give it one under `variables`; it is declared at {declared}"),
            None => "this is a template: check it through a file that extends it, or give its parameters defaults".to_owned(),
        };
        problems.error_with(at.unwrap_or(name.at), what, help);
    }

    /// Gives the variables that these files state their values, for the template that they extend; these
    /// files may name them too.
    pub(super) fn variables(
        &mut self,
        head: &Head,
        left: &mut usize,
        problems: &mut Problems,
    ) -> Vec<Variable> {
        let stated = head.variables.iter();
        let stated: Vec<_> = stated
            .filter_map(|(name, node)| self.variable(name, node, left, problems))
            .collect();
        for variable in &stated {
            self.variables
                .retain(|it| it.name.text != variable.name.text);
            self.variables.push(variable.clone());
        }
        let failed = head.variables.iter().map(|(name, _)| name.text.clone());
        let failed = failed.filter(|name| stated.iter().all(|it| it.name.text != *name));
        self.missing.extend(failed);
        stated
    }

    fn variable(
        &mut self,
        name: &Word,
        node: &Node,
        left: &mut usize,
        problems: &mut Problems,
    ) -> Option<Variable> {
        let node = Substitution {
            scope: self,
            left,
            problems,
        }
        .node(node.clone());
        let at = node.at;
        let value = match node.kind {
            Kind::Text(text) => Some(Value::Text(text.trim().to_owned())),
            Kind::List(items) => items
                .into_iter()
                .map(text)
                .collect::<Option<_>>()
                .map(Value::List),
            Kind::Nothing | Kind::Map(_) => None,
        };
        if value.is_none() {
            let what = format!("variable `{}` must be a text or a list of texts", name.text);
            problems.error(at, what);
        }
        Some(Variable {
            name: name.clone(),
            at,
            value: value?,
        })
    }

    /// What a variable stands for; what nothing is called so is said, once where it has no value.
    pub(super) fn look_up(
        &mut self,
        name: &str,
        at: Spot,
        problems: &mut Problems,
    ) -> Option<Variable> {
        self.used.insert(name.to_owned());
        let found = self.variables.iter().find(|it| it.name.text == name);
        if found.is_none() && !self.missing.iter().any(|missing| missing == name) {
            let what = format!("no variable `{name}` is declared");
            let declared = self.declared.iter().map(|word| word.text.as_str());
            problems.unknown(at, what, name, declared);
        }
        found.cloned()
    }

    /// Something could not be put in its place, which was said.
    pub(super) const fn fail(&mut self) {
        self.failed = true;
    }

    /// Whether every variable has a value and was put in its place.
    pub(super) const fn is_whole(&self) -> bool {
        !self.failed && self.missing.is_empty()
    }

    /// Says which parameters nothing names.
    pub(super) fn check_use(&self, problems: &mut Problems) {
        for name in self
            .declared
            .iter()
            .filter(|it| !self.used.contains(&it.text))
        {
            let what = format!("parameter `{}` is used nowhere", name.text);
            let help = format!("write `${{{}}}` where it belongs, or remove it", name.text);
            problems.warn(name.at, what, help);
        }
    }
}

fn text(node: Node) -> Option<String> {
    match node.kind {
        Kind::Text(text) => Some(text.trim().to_owned()),
        Kind::Nothing | Kind::List(_) | Kind::Map(_) => None,
    }
}

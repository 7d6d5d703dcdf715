//! The architecture checklist: questions that the lake answers with yes, with no, or not at all. Nothing is guessed: a question
//! without evidence stays open, and says what is missing.

mod case;
mod curated;
mod failure;
mod fate;
mod flow;
mod freshness;
mod layers;
mod machines;
mod purpose;
mod quality;
mod strategy;

use std::collections::BTreeMap;

use super::fix::machine_of;
use crate::cost::{Bill, Estimator};
use crate::finding::Finding;
use crate::lake::{Workflow, WorkflowId};
use crate::rules::{self, Page, Settings};
use crate::triage::Report;

pub(crate) use case::Case;
pub use case::{Answer, Reason};

/// A question: its id, its page and what answers it.
#[derive(Debug)]
pub struct Question {
    /// Kebab-case; names what is good.
    pub id: &'static str,
    /// The text of `checklist/<id>.md`.
    pub page_text: &'static str,
    look: fn(&Evidence<'_>, &mut Case<'_>),
}

/// A question with its answer.
#[derive(Debug, Clone)]
pub struct Answered {
    pub question: &'static Question,
    pub answer: Answer,
    /// Why, the firmest first.
    pub reasons: Vec<Reason>,
}

/// What answers are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub estimator: Estimator<'a>,
    pub bill: &'a Bill<'a>,
    pub report: &'a Report,
}

/// Defines a question and embeds its page by id.
macro_rules! question {
    ($id:literal, $look:expr) => {
        $crate::audit::checklist::Question {
            id: $id,
            page_text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/checklist/", $id, ".md")),
            look: $look,
        }
    };
}
use question;

/// Every question, in the order of the report.
pub const QUESTIONS: &[&Question] = &[
    &freshness::QUESTION,
    &failure::QUESTION,
    &quality::QUESTION,
    &strategy::QUESTION,
    &curated::QUESTION,
    &layers::QUESTION,
    &purpose::QUESTION,
];

impl Question {
    pub fn page(&self) -> Page<'static> {
        Page::parse(self.page_text)
    }

    /// What to do, in one line: the first paragraph of the page's last section.
    pub fn help(&self) -> String {
        let section = self.page().section("What to do").unwrap_or("");
        let paragraph = section.split("\n\n").next().unwrap_or("");
        paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }
}

pub(super) fn answered(evidence: &Evidence<'_>) -> Vec<Answered> {
    let answer = |question: &&'static Question| {
        let mut case = Case::new(evidence.estimator.lake);
        (question.look)(evidence, &mut case);
        let (answer, reasons) = case.close();
        Answered { question, answer, reasons }
    };
    QUESTIONS.iter().map(answer).collect()
}

impl Evidence<'_> {
    /// What some rules find: those that the run has switched off are run all the same.
    fn findings(&self, rules: &[&str]) -> Vec<Finding> {
        let ran = |rule: &str| self.report.rules.contains(&rule);
        let of_report = self.report.findings.iter().map(|found| &found.finding);
        let mut findings: Vec<Finding> = of_report.filter(|finding| rules.contains(&finding.rule)).cloned().collect();
        findings.extend(self.run(rules.iter().filter(|rule| !ran(rule)).map(ToString::to_string).collect()));
        findings
    }

    /// What some rules find, whatever somebody accepts: for questions about what a machine does.
    fn accepted_or_not(&self, rules: &[&str]) -> Vec<Finding> {
        self.run(rules.iter().map(ToString::to_string).collect())
    }

    fn run(&self, rules: Vec<String>) -> Vec<Finding> {
        match Settings::resolve(&Default::default(), &rules, &[]) {
            Ok(settings) if !rules.is_empty() => rules::run(&self.estimator, &settings),
            _ => Vec::new(),
        }
    }

    /// The state machines that the run was asked about.
    fn asked_machines(&self) -> impl Iterator<Item = (WorkflowId, &Workflow)> {
        let lake = self.estimator.lake;
        let all = lake.workflows.iter().enumerate().map(|(at, workflow)| (WorkflowId(at as u32), workflow));
        all.filter(|(_, workflow)| !lake.sources.get(workflow.file).is_context)
    }
}

/// Findings about machines, by the file and the name of the machine.
fn by_machine(findings: Vec<Finding>, estimator: &Estimator<'_>) -> BTreeMap<WorkflowId, Vec<Finding>> {
    let mut machines: BTreeMap<WorkflowId, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(machine) = machine_of(&finding, estimator) {
            machines.entry(machine).or_default().push(finding);
        }
    }
    machines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_says_what_to_do() {
        for question in QUESTIONS {
            assert!(question.page().title.ends_with('?'), "{}", question.id);
            let help = question.help();
            assert!(!help.is_empty() && !help.ends_with('.'), "{}: {help}", question.id);
        }
    }
}

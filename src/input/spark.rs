//! Spark SQL of programs: bound to the catalog as other statements are, and kept with the jobs that run it. Athena neither runs it
//! nor bills it, so it is among no statements of the lake.

use std::collections::BTreeSet;

use crate::expr::AsOf;
use crate::lake::{FileId, JobStatement, Lake};
use crate::sql::{self, Outline, View, Views};

/// A statement of a program, as a source of its own.
#[derive(Debug)]
pub(super) struct SparkText {
    /// Index of the job.
    pub(super) job: usize,
    pub(super) file: FileId,
    /// Names that the program writes in it.
    pub(super) names: BTreeSet<String>,
    /// What is done to its frame leaves most of its tables out, or may.
    pub(super) is_narrowed: bool,
}

/// Binds the statements of the programs that the run was asked about; the texts of a program come one after the other.
pub(super) fn read(texts: Vec<SparkText>, as_of: AsOf, lake: &mut Lake) {
    let asked: Vec<SparkText> = texts.into_iter().filter(|text| !lake.sources.get(text.file).is_context).collect();
    for of_job in asked.chunk_by(|a, b| a.job == b.job) {
        let index = of_job[0].job;
        let database = lake.jobs[index].database.name().map(str::to_owned);
        let outline = |text: &SparkText| {
            let outline = sql::outline(text.file, &lake.sources.get(text.file).text);
            Outline { database: database.clone(), ..outline }
        };
        let mut outlines: Vec<Outline> = of_job.iter().map(outline).collect();
        // Views of a session are its own: those of Athena have another dialect.
        let views: Vec<View> = outlines.iter_mut().flat_map(|outline| std::mem::take(&mut outline.views)).collect();
        let views = Views::new(views);
        let temporary = std::mem::take(&mut lake.jobs[index].temporary);
        let mut statements = Vec::new();
        for (text, outline) in of_job.iter().zip(&outlines) {
            let facts = sql::read_spark(outline, &lake.sources, &lake.catalog, &views, &temporary, as_of);
            let statement = |query| JobStatement { query, names: text.names.clone(), is_narrowed: text.is_narrowed };
            statements.extend(facts.queries.into_iter().map(statement));
        }
        lake.jobs[index].temporary = temporary;
        lake.jobs[index].statements = statements;
        lake.ignores.extend(outlines.into_iter().flat_map(|outline| outline.ignores));
    }
}

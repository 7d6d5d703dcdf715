//! Job bookmarks: whether the runs of a program read only what is new. The program keeps them, its Glue job switches them on.

use super::{FileId, GlueJob, Job, Lake, Resource, ResourceKind, Span};

/// The argument of a Glue job that switches bookmarks on.
pub const BOOKMARK_OPTION: &str = "--job-bookmark-option";

/// Its value that does.
const ENABLED: &str = "job-bookmark-enable";

/// What a Glue job says of bookmarks (<https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BookmarkOption {
    /// Nothing, or `job-bookmark-disable`: every run reads everything.
    #[default]
    Disabled,
    /// `job-bookmark-enable`.
    Enabled,
    /// Paused, or only the deployment knows it.
    Unknown,
}

/// Whether a program's bookmarks are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bookmarks {
    On,
    /// By the Glue job at this place.
    Off(Span),
    Unknown,
}

impl BookmarkOption {
    /// Of the value that is written.
    pub fn parse(value: &str) -> Self {
        match value.trim() {
            ENABLED => BookmarkOption::Enabled,
            "job-bookmark-disable" => BookmarkOption::Disabled,
            _ => BookmarkOption::Unknown,
        }
    }
}

impl GlueJob {
    /// The name of the script's file; `None` where only the deployment knows it.
    pub fn script_file(&self) -> Option<&str> {
        let file = self.script.as_deref()?.rsplit('/').next()?;
        (!file.is_empty() && !file.contains(['$', '{', '}'])).then_some(file)
    }
}

impl Lake {
    /// Whether the bookmarks that a program keeps are on: what its only Glue job says.
    pub fn bookmarks(&self, job: &Job) -> Bookmarks {
        match self.glue_job_of(job) {
            None => Bookmarks::Unknown,
            Some((resource, glue)) => match glue.bookmarks {
                BookmarkOption::Enabled => Bookmarks::On,
                BookmarkOption::Disabled if !self.may_be_switched_on() => Bookmarks::Off(resource.span),
                BookmarkOption::Disabled | BookmarkOption::Unknown => Bookmarks::Unknown,
            },
        }
    }

    /// Whether something but a job switches bookmarks on: a trigger, a state or a program may pass the option with a run
    /// (<https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html>).
    fn may_be_switched_on(&self) -> bool {
        let is_said_by_a_job = |file: FileId| {
            self.resources.iter().any(|resource| {
                let is_on = |glue: &GlueJob| glue.bookmarks == BookmarkOption::Enabled;
                resource.span.file == file && matches!(&resource.kind, ResourceKind::GlueJob(glue) if is_on(glue))
            })
        };
        let says = |text: &str| memchr::memmem::find(text.as_bytes(), ENABLED.as_bytes()).is_some();
        let mut texts = self.sources.iter().filter(|(_, file)| file.inside.is_none() && says(&file.text));
        texts.any(|(file, _)| !is_said_by_a_job(file))
    }

    /// The Glue job that runs a program, by the name of the script's file: where in a bucket a program comes to lie is said
    /// elsewhere. `None` where two jobs run a script of that name, or two programs have it.
    fn glue_job_of(&self, job: &Job) -> Option<(&Resource, &GlueJob)> {
        let name = file_name(&self.sources.get(job.file).path);
        let is_program = |path: &str| file_name(path) == name;
        let programs = self.sources.iter().filter(|(_, file)| file.inside.is_none() && is_program(&file.path));
        let mut jobs = self.resources.iter().filter_map(|resource| match &resource.kind {
            ResourceKind::GlueJob(glue) if glue.script_file() == Some(name) => Some((resource, glue)),
            _ => None,
        });
        let only = jobs.next()?;
        (jobs.next().is_none() && programs.count() == 1).then_some(only)
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{GlueCommand, Limit, Named, Sources};

    fn found(scripts: &[(&str, BookmarkOption)], programs: &[&str]) -> Bookmarks {
        let mut sources = Sources::default();
        let files: Vec<_> =
            programs.iter().map(|path| sources.add(*path, if *path == "start.py" { ENABLED } else { "" })).collect();
        let text = if scripts.iter().any(|(_, option)| *option == BookmarkOption::Enabled) { ENABLED } else { "job" };
        let at = Span::new(sources.add("jobs.tf", text), 0..3);
        let resource = |(script, bookmarks): &(&str, BookmarkOption)| Resource {
            named: Named::default(),
            name: "load".to_string(),
            span: at,
            kind: ResourceKind::GlueJob(GlueJob {
                max_retries: None,
                timeout: Limit::Unset,
                worker_type: None,
                workers: None,
                max_capacity: None,
                version: None,
                command: GlueCommand::Spark,
                is_flex: false,
                is_open: false,
                script: Some(script.to_string()),
                bookmarks: *bookmarks,
            }),
        };
        let job = Job::new(files[0]);
        Lake { sources, resources: scripts.iter().map(resource).collect(), ..Lake::default() }.bookmarks(&job)
    }

    #[test]
    fn only_one_job_of_one_program_tells() {
        use BookmarkOption::*;
        let script = "s3://${aws_s3_bucket.scripts.id}/jobs/load.py";
        let off = |bookmarks| matches!(bookmarks, Bookmarks::Off(_));
        assert!(off(found(&[(script, Disabled)], &["glue/load.py"])));
        assert!(off(found(&[(script, Disabled), ("s3://b/other.py", Enabled)], &["load.py", "other.py"])));
        assert_eq!(found(&[(script, Enabled)], &["load.py"]), Bookmarks::On);
        assert_eq!(found(&[(script, Unknown)], &["load.py"]), Bookmarks::Unknown);
        for (scripts, programs) in [
            (&[][..], &["load.py"][..]),
            (&[("s3://b/${var.key}", Disabled)], &["load.py"]),
            (&[("s3://b/preload.py", Disabled)], &["load.py"]),
            (&[(script, Disabled), ("s3://b/load.py", Disabled)], &["load.py"]),
            (&[(script, Disabled)], &["a/load.py", "b/load.py"]),
            (&[(script, Disabled)], &["load.py", "start.py"]),
        ] {
            assert_eq!(found(scripts, programs), Bookmarks::Unknown, "{scripts:?} {programs:?}");
        }
    }
}

//! Where a span of keys is split: what folders and single keys tell of a key space that nobody has counted.

use super::listing::Span;
use super::page::{Ask, Page};

/// A search for a key in the middle of what is left of a span; one request per step.
#[derive(Debug)]
pub(super) enum Search {
    /// Folders of this folder.
    Folders {
        folder: String,
        levels: u8,
    },
    /// Keys in one folder differ from the key that the listing has reached first at some letter. Whether there are keys above
    /// it with a larger letter at `at` says whether that is further left or right.
    Letters {
        folder: usize,
        key: String,
        low: usize,
        high: usize,
        best: Option<String>,
        at: usize,
    },
    Failed,
}

/// Levels of folders that are looked at.
const LEVELS: u8 = 3;

impl Search {
    pub(super) fn of(span: &Span) -> Search {
        let after = span.after.as_deref().unwrap_or_default();
        let shared = match &span.until {
            Some(until) => shared(after, until),
            None => span.prefix.len(),
        };
        let end = after.get(..shared.max(span.prefix.len())).and_then(|text| text.rfind('/'));
        let folder = end.map_or("", |end| &after[..=end]);
        let folder = if folder.len() < span.prefix.len() { span.prefix.as_str() } else { folder };
        Search::Folders { folder: folder.to_string(), levels: 0 }
    }

    /// What to ask next; nothing when the span has no more to tell.
    pub(super) fn ask(&self, span: &Span) -> Option<Ask> {
        let after = span.after.clone()?;
        match self {
            Search::Folders { folder, .. } => {
                Some(Ask { prefix: folder.clone(), after: Some(after), by_folder: true, most: None })
            }
            Search::Letters { key, at, .. } => {
                let start = raised(key, *at)?;
                Some(Ask { prefix: span.prefix.clone(), after: Some(start), by_folder: false, most: Some(1) })
            }
            Search::Failed => None,
        }
    }

    /// Takes the answer; the key to split at once it is known.
    pub(super) fn answered(&mut self, span: &Span, page: &Page) -> Option<String> {
        match self {
            Search::Folders { folder, levels } => {
                let after = span.after.as_deref().unwrap_or_default();
                let is_inside = |entry: &str| {
                    entry > after
                        && !after.starts_with(entry)
                        && span.until.as_deref().is_none_or(|until| entry < until)
                };
                let folders: Vec<&String> = page.folders.iter().filter(|folder| is_inside(folder)).collect();
                // When there are more folders than a page holds, half of those that are known is little.
                let at = if page.more { folders.len().saturating_sub(1) } else { folders.len() / 2 };
                if let Some(found) = folders.get(at) {
                    return Some((*found).clone());
                }
                let own = after.get(folder.len()..).and_then(|below| below.find('/')).map(|end| folder.len() + end + 1);
                *self = match own {
                    Some(end) if *levels < LEVELS && page.objects.is_empty() => {
                        Search::Folders { folder: after[..end].to_string(), levels: *levels + 1 }
                    }
                    _ => Search::letters(folder.len(), after),
                };
                None
            }
            Search::Letters { folder, key, low, high, best, at } => {
                let start = raised(key, *at);
                let found = page.objects.first().map(|object| object.key.as_str());
                let is_inside = found.is_some_and(|found| span.until.as_deref().is_none_or(|until| found < until));
                match is_inside {
                    true => (*best, *high) = (start, *at),
                    false => *low = *at + 1,
                }
                if *low >= *high || *at == *folder && is_inside {
                    let found = best.take();
                    *self = Search::Failed;
                    return found;
                }
                *at = (*low + *high) / 2;
                None
            }
            Search::Failed => None,
        }
    }

    fn letters(folder: usize, after: &str) -> Search {
        match after.len() > folder {
            true => {
                let key = after.to_string();
                Search::Letters { folder, low: folder, high: after.len(), best: None, at: folder, key }
            }
            false => Search::Failed,
        }
    }
}

/// The first text that is larger than all that share a key's start up to `at`; none where that is no plain letter.
fn raised(key: &str, at: usize) -> Option<String> {
    let letter = key.as_bytes().get(at).filter(|letter| letter.is_ascii() && **letter < b'~')?;
    let mut raised = key.get(..at)?.to_string();
    raised.push(char::from(letter + 1));
    Some(raised)
}

fn shared(a: &str, b: &str) -> usize {
    let mut end = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    while !a.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// Whether the folders of a folder are partitions, of which there may be very many: `dt=2024-01-01`, `2024`.
pub(super) fn is_partitioned(prefix: &str, folders: &[String]) -> bool {
    let is_partition = |folder: &String| {
        let name = folder.get(prefix.len()..).unwrap_or_default().trim_end_matches('/');
        name.contains('=') || (!name.is_empty() && name.bytes().all(|b| b.is_ascii_digit() || b"-_T:".contains(&b)))
    };
    folders.iter().any(is_partition)
}

/// A span in pieces of about as many of its known folders each.
pub(super) fn pieces(span: Span, folders: &[String], most: usize) -> Vec<Span> {
    /// Folders of one piece at least: each piece costs a request more.
    const FEWEST: usize = 16;
    let wanted = most.min(folders.len() / FEWEST).max(1);
    let mut rest = span;
    let mut pieces = Vec::new();
    for piece in 1..wanted {
        let at = &folders[piece * folders.len() / wanted];
        if rest.after.as_ref() < Some(at) && rest.until.as_ref().is_none_or(|until| at < until) {
            pieces.push(Span { until: Some(at.clone()), ..rest.clone() });
            rest.after = Some(at.clone());
        }
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_seen() {
        let folders = |names: &[&str]| names.iter().map(|name| format!("t/{name}/")).collect::<Vec<_>>();
        assert!(is_partitioned("t/", &folders(&["_tmp", "dt=2024-01-01"])));
        assert!(is_partitioned("t/", &folders(&["2024"])));
        assert!(!is_partitioned("t/", &folders(&["orders", "users_2024"])));
    }

    #[test]
    fn pieces_are_the_whole() {
        let folders: Vec<String> = (0..100).map(|day| format!("t/dt={day:03}/")).collect();
        let span = Span { prefix: "t/".to_string(), ..Span::default() };
        let pieces = pieces(span, &folders, 32);
        assert_eq!(pieces.len(), 6);
        assert_eq!((pieces[0].after.as_ref(), pieces[5].until.as_ref()), (None, None));
        assert!(pieces.windows(2).all(|pair| pair[0].until == pair[1].after));
    }
}

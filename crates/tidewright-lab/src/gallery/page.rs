//! The gallery as one page to leaf through: self-contained, in the look of the house's reports, without script.

use tidewright_core::Zone;
use tidewright_render::{STYLE, figure};

use super::play::Played;
use super::story::Expected;
use super::verdict::{Answer, Verdict, current};
use crate::text::thousands;

/// What the gallery adds to the house's style.
const OWN_STYLE: &str = "
.story { scroll-margin-top: 12px; }
.story > p { max-width: 92ch; margin: 6px 0 10px; }
.answers { font-size: 14px; margin-bottom: 14px; }
.answers th, .answers td { padding: 4px 12px 4px 0; vertical-align: top; border-top: 1px solid var(--line); }
.answers thead th { border: 0; color: var(--muted); font-size: 13px; }
.answers th[scope] { min-width: 110px; font-weight: 600; }
.answers td:nth-child(2), .right, .wrong { white-space: nowrap; }
.answers .muted { display: block; }
.right { color: var(--proposed); font-weight: 600; } .wrong { color: var(--masked); font-weight: 600; }
.index { columns: 2 400px; padding-left: 0; list-style: none; font-size: 14px; }
.index li { break-inside: avoid; padding: 1px 0; }
.arguable { color: var(--muted); font-style: italic; }
.story h4 { margin-top: 14px; }
@media (max-width: 800px) {
  .answers thead { display: none; }
  .answers tr { display: block; border-top: 1px solid var(--line); padding: 6px 0; }
  .answers th, .answers td { display: block; border: 0; padding: 1px 0; }
  .answers td::before { content: attr(data-name) \" \"; color: var(--muted); }
}
";

/// The page.
pub fn render_page(played: &[Played]) -> String {
    let right = |is_right: fn(&Played) -> bool| played.iter().filter(|it| is_right(it)).count();
    let (ours, v3) = (right(Played::is_right), right(Played::is_v3_right));
    let index: String = played.iter().map(index_line).collect();
    let stories: String = played.iter().map(story).collect();
    let count = played.len();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Traffic stories</title>\n<style>{STYLE}{OWN_STYLE}</style>\n</head>\n<body>\n\
         <header class=\"top\">\n<p class=\"brand\">Tidewright</p>\n<h1>Traffic stories</h1>\n\
         <p class=\"lead\"><b>{count}</b> stories, each with the decision that a good engineer would take. \
         Decided right: <b>{ours}</b>; by the predecessor's v3: <b>{v3}</b>.</p>\n</header>\n<main>\n\
         <section class=\"panel\"><ol class=\"index\">{index}</ol></section>\n{stories}</main>\n\
         <footer><p>Made-up traffic, played by the engine that decides for people.</p></footer>\n</body>\n</html>\n"
    )
}

fn index_line(played: &Played) -> String {
    let story = &played.story;
    let (id, name) = (escape(&story.id), escape(&story.name));
    format!("<li>{} <a href=\"#{id}\">{name}</a></li>\n", badge(played.is_right()))
}

fn story(played: &Played) -> String {
    let story = &played.story;
    let arguable = story.arguable.as_ref().map_or_else(String::new, |text| {
        format!("<p class=\"arguable\">Arguable: {}</p>\n", escape(text))
    });
    let answers = story.limits.iter().zip(&played.verdicts);
    let answers: String = answers.map(|(expected, verdict)| row(expected, verdict)).collect();
    format!(
        "<article class=\"card story\" id=\"{}\">\n<header><h3>{}</h3><p>{} <span class=\"muted\">as of {}</span></p></header>\n\
         <p>{}</p>\n{arguable}<table class=\"answers\"><thead><tr><th>limit<th>now<th>expected<th>decided<th>v3</thead><tbody>{answers}</tbody></table>\n{}</article>\n",
        escape(&story.id),
        escape(&story.name),
        badge(played.is_right()),
        escape(&story.at),
        escape(&story.happened),
        figures(played)
    )
}

fn row(expected: &Expected, verdict: &Verdict) -> String {
    let cell = |name: &str, html: &str| format!("<td data-name=\"{name}\">{html}");
    let why = format!("<span class=\"muted\">{}</span>", escape(&expected.because));
    [
        format!("<tr><th scope=\"row\">{}", escape(&verdict.limit).replace(':', ":<wbr>")),
        cell("now", &escape(&current(expected))),
        cell("expected", &(escape(&expected.decision.join(" or ")) + &why)),
        cell("decided", &answer(&verdict.ours)),
        cell("v3", &answer(&verdict.v3)),
        "\n".to_owned(),
    ]
    .concat()
}

fn answer(answer: &Answer) -> String {
    let is_right = answer.faults.is_empty();
    let number = answer.number.filter(|_| answer.decision.changes());
    let number = number.map_or_else(String::new, |number| format!(" to {}", thousands(number)));
    let why = answer.reason.as_ref().map_or_else(String::new, |(_, sentence)| {
        format!("<span class=\"muted\">{}</span>", escape(sentence))
    });
    format!("{}{number} {}{why}", answer.decision.name(), badge(is_right))
}

fn badge(is_right: bool) -> &'static str {
    if is_right {
        "<span class=\"right\">✓ right</span>"
    } else {
        "<span class=\"wrong\">✗ wrong</span>"
    }
}

/// The charts of the story's limits, with their names.
fn figures(played: &Played) -> String {
    let zone = played.story.zone().unwrap_or_else(|_| Zone::utc());
    let plan = &played.planned.record.plan;
    let drawn = plan.proposals.iter().zip(&played.planned.evidence);
    let drawn = drawn.filter_map(|(proposal, evidence)| {
        let figure = figure(proposal, evidence.as_ref()?, &zone)?;
        Some(format!("<h4>{}</h4>\n{figure}", escape(&proposal.key.name())))
    });
    drawn.collect()
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storys_words_are_no_markup() {
        assert_eq!(escape("<b> & \"x\""), "&lt;b&gt; &amp; &quot;x&quot;");
    }
}

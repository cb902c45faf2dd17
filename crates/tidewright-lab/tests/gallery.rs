//! All stories of the gallery, played by the engine that decides for people.

use tidewright_lab::Lab;
use tidewright_lab::gallery::{
    Played, Story, house_folder, load_stories, play, render_page, verdict_table,
};

/// Stories that the product does not get right yet; one that becomes right leaves the list.
const NOT_RIGHT_YET: [&str; 2] =
    ["05-black-friday-nobody-announced", "10-scraper-two-percent-a-day"];

fn play_all() -> Vec<Played> {
    let lab = Lab::new().expect("a laboratory needs a thread");
    let stories = load_stories(&house_folder()).expect("the stories travel with the crate");
    let seeded = stories.into_iter().map(|story| Story { seed: 1, ..story });
    seeded.map(|story| play(&lab, story).expect("the engine decides every story")).collect()
}

#[test]
fn every_story_is_decided_as_a_good_engineer_would() {
    let played = play_all();
    let wrong: Vec<&str> =
        played.iter().filter(|it| !it.is_right()).map(|it| it.story.id.as_str()).collect();
    assert_eq!(wrong, NOT_RIGHT_YET, "\n{}", verdict_table(&played));
    assert_eq!(played.len(), 40);
    let page = render_page(&played);
    assert_eq!(page.matches("<article").count(), 40);
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("src="));
}

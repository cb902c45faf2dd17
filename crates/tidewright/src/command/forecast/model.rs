//! Prophet's settings from flags, and which flags go with which model.

use anyhow::Result;
use tidewright_core::SeasonalityMode;
use tidewright_engine::ForecastModel;
use tidewright_models::prophet::{
    Growth, Holiday, Regressor, Scaling, Seasonality, Settings, Standardize, Switch,
};

use super::input::{self, Beside};
use super::specification::Specification;
use crate::args::{
    ForecastArguments, GrowthWord, ModeWord, ModelArguments, ScalingWord, SeasonSwitch,
};
use crate::config::nearest;
use crate::exit::Mistake;

const SEASONALITY: &str =
    "name=monthly,period=30.5,order=5,prior_scale=10,mode=additive,condition=COLUMN";

const REGRESSOR: &str = "NAME,prior_scale=10,standardize=auto,mode=additive";

/// Flags of a trend that bends.
const BENDS: &[&str] =
    &["--changepoints", "--n-changepoints", "--changepoint-range", "--changepoint-prior-scale"];

const MODES: [(&str, SeasonalityMode); 2] =
    [("additive", SeasonalityMode::Additive), ("multiplicative", SeasonalityMode::Multiplicative)];

/// The model of this name.
pub(super) fn named(name: &str) -> Result<ForecastModel> {
    ForecastModel::of(name).ok_or_else(|| {
        let known = || ForecastModel::names();
        let meant = nearest(name, known()).map(|known| format!("did you mean `{known}`? "));
        let names = known().collect::<Vec<_>>().join(", ");
        let hint = format!("{}the models are {names}", meant.unwrap_or_default());
        Mistake::new(format!("`--model` must name a model, got `{name}`"), hint).into()
    })
}

/// Refuses flags that would do nothing with the chosen model.
pub(super) fn check(arguments: &ForecastArguments, model: ForecastModel) -> Result<()> {
    let mut prophets = arguments.prophet.given();
    prophets.extend(arguments.bands.given());
    let mode = arguments.prophet.seasonality_mode.map(|_| "--seasonality-mode");
    let season = arguments.season.map(|_| "--season");
    if arguments.load_model.is_some() {
        let kept = |flag: &&str| !matches!(*flag, "--cap" | "--floor");
        let flags: Vec<&str> = arguments.prophet.given().into_iter().filter(kept).collect();
        let flags = flags.into_iter().chain(mode).chain(season);
        let flags = flags.chain(matches!(model, ForecastModel::Named(_)).then_some("--model"));
        let hint = "leave it out: a saved model keeps the settings that it was fitted with";
        return refuse(flags, "does not go with `--load-model`", hint);
    }
    match model {
        ForecastModel::Prophet => refuse_idle(&arguments.prophet),
        ForecastModel::Auto => {
            let hint = "add `--model prophet`: `auto` may take another model";
            refuse(prophets.into_iter(), "is Prophet's", hint)
        }
        ForecastModel::Named(name) => {
            // It finds days and weeks by itself.
            let season = season.filter(|_| name == "seasonal-naive");
            let flags = prophets.into_iter().chain(mode).chain(season);
            let rule = format!("does not go with `--model {name}`");
            refuse(flags, &rule, "leave it out, or choose `--model prophet`")
        }
    }
}

fn refuse<'a>(
    mut flags: impl Iterator<Item = &'a str>,
    rule: &str,
    hint: &'static str,
) -> Result<()> {
    match flags.next() {
        Some(flag) => Err(Mistake::new(format!("`{flag}` {rule}"), hint).into()),
        None => Ok(()),
    }
}

/// Refuses a capacity where none of the saved models grows towards one.
pub(super) fn check_capacity(beside: &Beside, prophet: &ModelArguments) -> Result<()> {
    let flags = [("--cap", prophet.cap), ("--floor", prophet.floor)];
    let given = flags.into_iter().filter(|(_, value)| value.is_some()).map(|(flag, _)| flag);
    if beside.grows_to_a_cap() {
        return Ok(());
    }
    let hint = "leave it out: none of the saved models has logistic growth";
    refuse(given, "does not go with these models", hint)
}

/// Refuses what the rest of the model leaves without a meaning.
fn refuse_idle(prophet: &ModelArguments) -> Result<()> {
    let floor = prophet.floor.unwrap_or(0.0);
    if let Some(cap) = prophet.cap.filter(|cap| *cap <= floor) {
        let message = format!("`--cap` must be above the floor `{floor}`, got `{cap}`");
        return Err(Mistake::new(message, "growth runs from the floor to the cap").into());
    }
    let given = prophet.given();
    let among = |flags: &'static [&'static str]| {
        given.iter().copied().filter(move |flag| flags.contains(flag))
    };
    if prophet.growth != Some(GrowthWord::Logistic) {
        let hint = "other growth has no end: add it, or leave this out";
        refuse(among(&["--cap", "--floor"]), "needs `--growth logistic`", hint)?;
    }
    if prophet.growth == Some(GrowthWord::Flat) {
        let hint = "a flat trend never bends: leave it out, or choose another growth";
        refuse(among(BENDS), "does not go with `--growth flat`", hint)?;
    }
    if prophet.holidays.is_none() && prophet.regressor.is_empty() {
        let hint = "add `--holidays FILE` or `--regressor NAME`, whose prior scale it is";
        refuse(among(&["--holidays-prior-scale"]), "has nothing to scale", hint)?;
    }
    Ok(())
}

/// Prophet's settings.
pub(super) fn settings(arguments: &ForecastArguments) -> Result<Settings> {
    let prophet = &arguments.prophet;
    let mut settings =
        Settings::new(prophet.seasonality_mode.map_or(SeasonalityMode::Additive, mode));
    settings.growth = match prophet.growth {
        None | Some(GrowthWord::Linear) => Growth::Linear,
        Some(GrowthWord::Logistic) => Growth::Logistic,
        Some(GrowthWord::Flat) => Growth::Flat,
    };
    settings.scaling = match prophet.scaling {
        None | Some(ScalingWord::Absmax) => Scaling::AbsMax,
        Some(ScalingWord::Minmax) => Scaling::MinMax,
    };
    // Who names a season means that one, and none beside it.
    let usual = if arguments.season.is_some() { Switch::Off } else { Switch::Auto };
    let switch = |word: Option<SeasonSwitch>| word.map_or(usual, switch);
    settings.yearly_seasonality = switch(prophet.yearly_seasonality);
    settings.weekly_seasonality = switch(prophet.weekly_seasonality);
    settings.daily_seasonality = switch(prophet.daily_seasonality);
    put(&mut settings.seasonality_prior_scale, prophet.seasonality_prior_scale);
    put(&mut settings.holidays_prior_scale, prophet.holidays_prior_scale);
    put(&mut settings.changepoint_prior_scale, prophet.changepoint_prior_scale);
    put(&mut settings.changepoint_range, prophet.changepoint_range);
    put(&mut settings.n_changepoints, prophet.n_changepoints.map(|count| count as usize));
    settings.holidays_mode = prophet.holidays_mode.map(mode);
    settings.changepoints = prophet.changepoints.as_deref().map(input::changepoints).transpose()?;
    settings.holidays = holidays(prophet)?;
    let seasons = prophet.seasonality.iter().map(|text| seasonality(text, &settings));
    settings.seasonalities = seasons.collect::<Result<_, _>>()?;
    let regressors = prophet.regressor.iter().map(|text| regressor(text, &settings));
    settings.regressors = regressors.collect::<Result<_, _>>()?;
    settings.check().map_err(|fault| {
        Mistake::new(fault.to_string(), "`tidewright forecast --help` tells what each flag takes")
    })?;
    Ok(settings)
}

fn put<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}

const fn mode(word: ModeWord) -> SeasonalityMode {
    match word {
        ModeWord::Additive => SeasonalityMode::Additive,
        ModeWord::Multiplicative => SeasonalityMode::Multiplicative,
    }
}

const fn switch(word: SeasonSwitch) -> Switch {
    match word {
        SeasonSwitch::Auto => Switch::Auto,
        SeasonSwitch::On => Switch::On,
        SeasonSwitch::Off => Switch::Off,
        SeasonSwitch::Order(order) => Switch::Order(order),
    }
}

fn holidays(prophet: &ModelArguments) -> Result<Vec<Holiday>> {
    let Some(path) = &prophet.holidays else { return Ok(Vec::new()) };
    let rows = input::holidays(path)?.into_iter();
    let holiday = |row: tidewright_source::csv_file::HolidayRow| Holiday {
        holiday: row.holiday,
        ds: row.day,
        lower_window: row.lower_window,
        upper_window: row.upper_window,
        prior_scale: row.prior_scale,
    };
    Ok(rows.map(holiday).collect())
}

fn seasonality(text: &str, settings: &Settings) -> Result<Seasonality, Mistake> {
    let keys = ["name", "period", "order", "prior_scale", "mode", "condition"];
    let given = Specification::parse("--seasonality", text, SEASONALITY, &keys)?;
    if let Some(head) = given.head() {
        return Err(given.fault("a part", "must be written `key=value`", head));
    }
    let period = given.positive("period")?;
    let order = given.needed("order")?;
    Ok(Seasonality {
        name: given.needed("name")?.to_owned(),
        period: period.ok_or_else(|| given.fault("`period`", "must be given, in days", ""))?,
        fourier_order: order
            .parse()
            .ok()
            .filter(|order| *order > 0)
            .ok_or_else(|| given.fault("`order`", "must be a whole number from 1", order))?,
        prior_scale: given.positive("prior_scale")?.unwrap_or(settings.seasonality_prior_scale),
        mode: given.word("mode", &MODES)?.unwrap_or(settings.seasonality_mode),
        condition: given.text("condition").map(str::to_owned),
    })
}

fn regressor(text: &str, settings: &Settings) -> Result<Regressor, Mistake> {
    let keys = ["name", "prior_scale", "standardize", "mode"];
    let given = Specification::parse("--regressor", text, REGRESSOR, &keys)?;
    let standards =
        [("auto", Standardize::Auto), ("yes", Standardize::Yes), ("no", Standardize::No)];
    let name = given.head().or(given.text("name"));
    Ok(Regressor {
        name: name
            .ok_or_else(|| given.fault("the column's name", "must come first", text))?
            .to_owned(),
        // Prophet's default, which is that of holidays.
        prior_scale: given.positive("prior_scale")?.unwrap_or(settings.holidays_prior_scale),
        standardize: given.word("standardize", &standards)?.unwrap_or_default(),
        mode: given.word("mode", &MODES)?.unwrap_or(settings.seasonality_mode),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::new(SeasonalityMode::Multiplicative)
    }

    fn refused(fault: &Mistake, said: &str) {
        assert!(fault.to_string().contains(said), "{fault}");
    }

    #[test]
    fn a_season_takes_what_it_does_not_say_from_the_others() {
        let season = seasonality("name=monthly, period=30.5,order=5", &settings()).unwrap();
        assert_eq!((season.period, season.fourier_order, season.prior_scale), (30.5, 5, 10.0));
        assert_eq!(season.mode, SeasonalityMode::Multiplicative);
        let text = "name=w,period=7,order=3,prior_scale=0.1,mode=additive,condition=open";
        let season = seasonality(text, &settings()).unwrap();
        assert_eq!((season.prior_scale, season.mode), (0.1, SeasonalityMode::Additive));
        assert_eq!(season.condition.as_deref(), Some("open"));
    }

    #[test]
    fn a_fault_in_a_season_is_named_by_key_rule_and_value() {
        let check =
            |text: &str, said: &str| refused(&seasonality(text, &settings()).unwrap_err(), said);
        check(
            "name=a,period=0,order=3",
            "`--seasonality`: `period` must be a number above 0, got `0`",
        );
        check("name=a,period=7,order=0", "`order` must be a whole number from 1, got `0`");
        check("name=a,period=7", "`order` must be given");
        check("period=7,order=3", "`name` must be given");
        check("name=a,order=3", "`period` must be given, in days");
        check("name=a,period=7,order=3,colour=red", "a key must be one of name, period, order");
        check("name=a,name=b,period=7,order=3", "`name` must come once, got `b`");
        check(
            "name=a,period=7,order=3,mode=odd",
            "`mode` must be additive or multiplicative, got `odd`",
        );
        check("monthly,period=7,order=3", "a part must be written `key=value`, got `monthly`");
    }

    #[test]
    fn a_regressor_begins_with_its_column() {
        let found =
            regressor("promo,standardize=no,mode=additive,prior_scale=2", &settings()).unwrap();
        assert_eq!((found.name.as_str(), found.prior_scale), ("promo", 2.0));
        assert_eq!(found.standardize, Standardize::No);
        assert_eq!(regressor("name=promo", &settings()).unwrap().name, "promo");
        let check =
            |text: &str, said: &str| refused(&regressor(text, &settings()).unwrap_err(), said);
        check("prior_scale=2", "the column's name must come first");
        check("promo,standardize=maybe", "`standardize` must be auto or yes or no, got `maybe`");
        check("promo,,", "a part must be written `key=value`");
    }
}

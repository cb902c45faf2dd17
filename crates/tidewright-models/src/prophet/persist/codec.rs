//! Settings as bytes and back: the fields of format 1, in their order.

use tidewright_core::SeasonalityMode;

use super::DecodeError;
use crate::bytes::{Read, Reader, Writer};
use crate::prophet::fit::Frame;
use crate::prophet::settings::{
    Growth, Holiday, Regressor, Scaling, Seasonality, Settings, Standardize, Switch,
};

impl Writer {
    fn mode(&mut self, mode: SeasonalityMode) {
        self.byte(u8::from(mode == SeasonalityMode::Multiplicative));
    }

    fn switch(&mut self, switch: Switch) {
        let (kind, order) = match switch {
            Switch::Auto => (0, 0),
            Switch::Off => (1, 0),
            Switch::On => (2, 0),
            Switch::Order(order) => (3, order),
        };
        self.byte(kind);
        self.count(order);
    }
}

impl Reader<'_> {
    /// The objective, which is minus infinity for a constant series.
    pub(super) fn objective(&mut self) -> Read<f64> {
        let what = "objective";
        let number = self.take(what).map(f64::from_le_bytes)?;
        let possible = number.is_finite() || number == f64::NEG_INFINITY;
        if possible { Ok(number) } else { Err(DecodeError::Impossible { what }) }
    }

    fn mode(&mut self, what: &'static str) -> Read<SeasonalityMode> {
        self.choice(what, &[SeasonalityMode::Additive, SeasonalityMode::Multiplicative])
    }

    fn switch(&mut self, what: &'static str) -> Read<Switch> {
        let [kind] = self.take(what)?;
        let order = self.count(what)?;
        match kind {
            0 => Ok(Switch::Auto),
            1 => Ok(Switch::Off),
            2 => Ok(Switch::On),
            3 => Ok(Switch::Order(order)),
            _ => Err(DecodeError::Impossible { what }),
        }
    }
}

impl Settings {
    pub(super) fn write(&self, to: &mut Writer) {
        to.byte(match self.growth {
            Growth::Linear => 0,
            Growth::Logistic => 1,
            Growth::Flat => 2,
        });
        to.option(self.changepoints.as_ref(), |to, moments| {
            to.list(moments, |to, moment| to.integer(moment.as_millis()));
        });
        to.count(self.n_changepoints);
        to.number(self.changepoint_range);
        to.number(self.changepoint_prior_scale);
        to.switch(self.yearly_seasonality);
        to.switch(self.weekly_seasonality);
        to.switch(self.daily_seasonality);
        to.mode(self.seasonality_mode);
        to.number(self.seasonality_prior_scale);
        to.option(self.holidays_mode.as_ref(), |to, mode| to.mode(*mode));
        to.number(self.holidays_prior_scale);
        to.byte(u8::from(self.scaling == Scaling::MinMax));
        to.list(&self.seasonalities, |to, season| season.write(to));
        to.list(&self.holidays, |to, day| day.write(to));
        to.list(&self.regressors, |to, regressor| regressor.write(to));
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            growth: from.choice("growth", &[Growth::Linear, Growth::Logistic, Growth::Flat])?,
            changepoints: from.option("changepoints", |from| {
                from.list("changepoints", |from| from.moment("changepoints"))
            })?,
            n_changepoints: from.count("n_changepoints")?,
            changepoint_range: from.number("changepoint_range")?,
            changepoint_prior_scale: from.number("changepoint_prior_scale")?,
            yearly_seasonality: from.switch("yearly_seasonality")?,
            weekly_seasonality: from.switch("weekly_seasonality")?,
            daily_seasonality: from.switch("daily_seasonality")?,
            seasonality_mode: from.mode("seasonality_mode")?,
            seasonality_prior_scale: from.number("seasonality_prior_scale")?,
            holidays_mode: from.option("holidays_mode", |from| from.mode("holidays_mode"))?,
            holidays_prior_scale: from.number("holidays_prior_scale")?,
            scaling: from.choice("scaling", &[Scaling::AbsMax, Scaling::MinMax])?,
            seasonalities: from.list("seasonalities", Seasonality::read)?,
            holidays: from.list("holidays", Holiday::read)?,
            regressors: from.list("regressors", Regressor::read)?,
        })
    }
}

impl Seasonality {
    fn write(&self, to: &mut Writer) {
        to.text(&self.name);
        to.number(self.period);
        to.count(self.fourier_order);
        to.number(self.prior_scale);
        to.mode(self.mode);
        to.option(self.condition.as_ref(), |to, name| to.text(name));
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            name: from.text("seasonality")?,
            period: from.number("period")?,
            fourier_order: from.count("fourier_order")?,
            prior_scale: from.number("prior_scale")?,
            mode: from.mode("mode")?,
            condition: from.option("condition", |from| from.text("condition"))?,
        })
    }
}

impl Holiday {
    fn write(&self, to: &mut Writer) {
        to.text(&self.holiday);
        to.integer(self.ds.as_millis());
        to.integer(i64::from(self.lower_window));
        to.integer(i64::from(self.upper_window));
        to.option(self.prior_scale.as_ref(), |to, scale| to.number(*scale));
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            holiday: from.text("holiday")?,
            ds: from.moment("ds")?,
            lower_window: from.days("lower_window")?,
            upper_window: from.days("upper_window")?,
            prior_scale: from.option("prior_scale", |from| from.number("prior_scale"))?,
        })
    }
}

impl Regressor {
    fn write(&self, to: &mut Writer) {
        to.text(&self.name);
        to.number(self.prior_scale);
        to.byte(match self.standardize {
            Standardize::Auto => 0,
            Standardize::Yes => 1,
            Standardize::No => 2,
        });
        to.mode(self.mode);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let kinds = [Standardize::Auto, Standardize::Yes, Standardize::No];
        Ok(Self {
            name: from.text("regressor")?,
            prior_scale: from.number("prior_scale")?,
            standardize: from.choice("standardize", &kinds)?,
            mode: from.mode("mode")?,
        })
    }
}

impl Frame {
    pub(super) fn write(&self, to: &mut Writer) {
        to.integer(self.origin.as_millis());
        to.number(self.span_ms);
        to.integer(self.phase.as_millis());
        to.numbers(&[self.floor, self.scale, self.cap]);
        to.byte(u8::from(self.floored));
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Read<Self> {
        let (origin, span_ms) = (from.moment("origin")?, from.number("span")?);
        let phase = from.moment("phase")?;
        let [floor, scale, cap] = from.numbers("scale")?[..] else {
            return Err(DecodeError::Impossible { what: "scale" });
        };
        Ok(Self { origin, span_ms, phase, floor, scale, cap, floored: from.flag("floor")? })
    }
}

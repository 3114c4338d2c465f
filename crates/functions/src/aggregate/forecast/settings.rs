//! The settings of a forecast: a JSON object of constants.

use super::order::Wanted;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub order: Wanted,
    pub min_training: usize,
    pub max_training: usize,
    /// Of the values to come, how many the bounds hold.
    pub percentage: f64,
    pub seasonal: bool,
    /// Length of a season; None where it is to be found.
    pub period: Option<usize>,
    pub horizon: usize,
    /// How many of the last errors the RMSE is of.
    pub evaluated: usize,
    /// Rows from one training to the next.
    pub update_interval: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            order: Wanted::default(),
            min_training: 128,
            max_training: 512,
            percentage: 99.0,
            seasonal: false,
            period: None,
            horizon: 1,
            evaluated: 5,
            update_interval: 5,
        }
    }
}

impl Settings {
    /// Reads the text of the object. Errors say which setting is wrong, and what it must be.
    pub fn read(text: &str) -> Result<Settings, String> {
        let json: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("the settings are no JSON object: {error}"))?;
        let object = json.as_object().ok_or("the settings must be a JSON object")?;
        let mut settings = Settings::default();
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            settings.set(name, value)?;
        }
        if settings.min_training > settings.max_training {
            let (least, most) = (settings.min_training, settings.max_training);
            return Err(format!("'minTrainingSize' ({least}) must not be more than 'maxTrainingSize' ({most})"));
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: &serde_json::Value) -> Result<(), String> {
        let number = |least: usize, most: usize| {
            let found = value.as_u64().and_then(|number| usize::try_from(number).ok());
            let found = found.filter(|number| (least..=most).contains(number));
            found.ok_or_else(|| format!("'{name}' must be a whole number from {least} to {most}, not {value}"))
        };
        match name {
            "p" => self.order.p = Some(number(0, 5)?),
            "d" => self.order.d = Some(number(0, 2)?),
            "q" => self.order.q = Some(number(0, 5)?),
            "minTrainingSize" => self.min_training = number(1, 10_000)?,
            "maxTrainingSize" => self.max_training = number(1, 10_000)?,
            "m" => self.period = Some(number(2, 5_000)?),
            "horizon" => self.horizon = number(1, 1_000)?,
            "evalWindowSize" => self.evaluated = number(1, 10_000)?,
            "updateInterval" => self.update_interval = number(1, 10_000)?,
            "confidencePercentage" => {
                let found = value.as_f64().filter(|number| *number > 0.0 && *number < 100.0);
                self.percentage = found.ok_or_else(|| {
                    format!("'{name}' must be a number between 0 and 100, without these, not {value}")
                })?;
            }
            "enableStl" => {
                self.seasonal =
                    value.as_bool().ok_or_else(|| format!("'{name}' must be true or false, not {value}"))?;
            }
            _ => {
                return Err(format!(
                    "there is no setting '{name}'. Settings are p, d, q, minTrainingSize, maxTrainingSize, \
                     confidencePercentage, enableStl, m, horizon, evalWindowSize and updateInterval"
                ));
            }
        }
        Ok(())
    }
}

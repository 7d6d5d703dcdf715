//! The parts that a date is written with, and how a date is put together from them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

/// A number in a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field {
    Year,
    /// Two digits; 00-69 are 2000-2069, 70-99 are 1970-1999.
    ShortYear,
    Quarter,
    Month,
    Day,
    DayOfYear,
    /// ISO week and its year.
    Week,
    WeekYear,
    /// Monday is 1.
    DayOfWeek,
    /// 0-23.
    Hour,
    /// 1-24.
    HourFrom1,
    /// 1-12.
    Hour12,
    /// 0-11.
    Hour12From0,
    Minute,
    Second,
}

/// A word in a date, in English.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Name {
    Month,
    ShortMonth,
    Weekday,
    ShortWeekday,
    AmPm,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Field {
    pub(super) fn of(self, time: NaiveDateTime) -> i64 {
        let (_, hour12) = time.hour12();
        i64::from(match self {
            Field::Year => return time.year().into(),
            Field::ShortYear => return time.year().rem_euclid(100).into(),
            Field::WeekYear => return time.iso_week().year().into(),
            Field::Quarter => time.month0() / 3 + 1,
            Field::Month => time.month(),
            Field::Day => time.day(),
            Field::DayOfYear => time.ordinal(),
            Field::Week => time.iso_week().week(),
            Field::DayOfWeek => time.weekday().number_from_monday(),
            Field::Hour => time.hour(),
            Field::HourFrom1 => (time.hour() + 23) % 24 + 1,
            Field::Hour12 => hour12,
            Field::Hour12From0 => time.hour() % 12,
            Field::Minute => time.minute(),
            Field::Second => time.second(),
        })
    }
}

impl Name {
    pub(super) fn of(self, time: NaiveDateTime) -> String {
        let month = MONTHS[time.month0() as usize];
        let weekday = WEEKDAYS[time.weekday().num_days_from_monday() as usize];
        match self {
            Name::Month => month.to_string(),
            Name::ShortMonth => month[..3].to_string(),
            Name::Weekday => weekday.to_string(),
            Name::ShortWeekday => weekday[..3].to_string(),
            Name::AmPm => if time.hour() < 12 { "AM" } else { "PM" }.to_string(),
        }
    }

    /// Reads the name at the start of a text, in any case, and gives back what follows it.
    pub(super) fn read<'a>(self, text: &'a str, parts: &mut Parts) -> Option<&'a str> {
        let find = |names: &[&str], short: bool| {
            names.iter().enumerate().find_map(|(i, name)| {
                let name = if short { &name[..3] } else { name };
                let head = text.get(..name.len())?;
                head.eq_ignore_ascii_case(name).then(|| (i as u32, &text[name.len()..]))
            })
        };
        let (index, rest) = match self {
            Name::Month | Name::ShortMonth => find(&MONTHS, self == Name::ShortMonth)?,
            Name::Weekday | Name::ShortWeekday => find(&WEEKDAYS, self == Name::ShortWeekday)?,
            Name::AmPm => find(&["AM", "PM"], false)?,
        };
        match self {
            Name::Month | Name::ShortMonth => parts.month = Some(index + 1),
            Name::AmPm => parts.pm = Some(index == 1),
            // The weekday of a date says nothing new; a wrong one is accepted.
            Name::Weekday | Name::ShortWeekday => {}
        }
        Some(rest)
    }
}

/// What a parse has met so far.
#[derive(Default)]
pub(super) struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    week_year: Option<i32>,
    week: Option<u32>,
    day_of_week: Option<u32>,
    hour: Option<u32>,
    hour12: Option<u32>,
    pm: Option<bool>,
    minute: Option<u32>,
    second: Option<u32>,
    pub(super) nanosecond: Option<u32>,
}

impl Parts {
    pub(super) fn set(&mut self, field: Field, value: u32) {
        let year = i32::try_from(value).ok();
        match field {
            Field::Year => self.year = year,
            Field::ShortYear => self.year = year.map(|y| if y < 70 { 2000 + y } else { 1900 + y }),
            Field::WeekYear => self.week_year = year,
            Field::Quarter => self.month = self.month.or(Some(value.saturating_sub(1) * 3 + 1)),
            Field::Month => self.month = Some(value),
            Field::Day => self.day = Some(value),
            Field::DayOfYear => self.day_of_year = Some(value),
            Field::Week => self.week = Some(value),
            Field::DayOfWeek => self.day_of_week = Some(value),
            Field::Hour => self.hour = Some(value),
            Field::HourFrom1 => self.hour = Some(value % 24),
            // 12 o'clock is the first hour of its half.
            Field::Hour12 | Field::Hour12From0 => self.hour12 = Some(value % 12),
            Field::Minute => self.minute = Some(value),
            Field::Second => self.second = Some(value),
        }
    }

    pub(super) fn resolve(&self) -> Option<NaiveDateTime> {
        let year = self.year.unwrap_or(1970);
        let date = match (self.day_of_year, self.week) {
            (Some(day), _) => NaiveDate::from_yo_opt(year, day)?,
            (None, Some(week)) => {
                let weekday = Weekday::try_from(self.day_of_week.unwrap_or(1).checked_sub(1)? as u8).ok()?;
                NaiveDate::from_isoywd_opt(self.week_year.unwrap_or(year), week, weekday)?
            }
            (None, None) => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let half = if self.pm == Some(true) { 12 } else { 0 };
        let hour = self.hour.unwrap_or_else(|| self.hour12.unwrap_or(0) + half);
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        let time = NaiveTime::from_hms_nano_opt(hour, minute, second, self.nanosecond.unwrap_or(0))?;
        Some(date.and_time(time))
    }
}

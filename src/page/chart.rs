//! Plots as inline SVG, drawn here: one line over time, with its greatest value. What a reader cannot see stands in the
//! table behind it.

/// Width and height of what is drawn in, and room for words at the left and below.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 140.0;
const LEFT: f64 = 56.0;
const BELOW: f64 = 20.0;
const ABOVE: f64 = 12.0;

/// A line over time.
pub(super) struct Chart {
    /// Corners of the line, as `points` of a polyline has them.
    pub(super) line: String,
    /// The same, closed at the bottom.
    pub(super) area: String,
    /// The greatest value, at the top of the axis.
    pub(super) most: String,
}

impl Chart {
    /// Draws values that follow each other in equal steps.
    pub(super) fn of(values: &[f64]) -> Self {
        let most = values.iter().copied().fold(0.0, f64::max);
        let step = (WIDTH - LEFT) / f64::from(u32::try_from(values.len().max(2) - 1).unwrap_or(1));
        let bottom = HEIGHT - BELOW;
        let mut x = LEFT;
        let mut corners = Vec::with_capacity(values.len());
        for value in values {
            let share = if most > 0.0 { value / most } else { 0.0 };
            let y = bottom - share * (bottom - ABOVE);
            corners.push(format!("{x:.1},{y:.1}"));
            x += step;
        }
        let line = corners.join(" ");
        let area = format!("{LEFT:.1},{bottom:.1} {line} {:.1},{bottom:.1}", x - step);
        Self { line, area, most: number(most) }
    }
}

/// A number without a fraction that says nothing.
pub(super) fn number(value: f64) -> String {
    if (value - value.round()).abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_value_reaches_the_top_and_nothing_lies_at_the_bottom() {
        let chart = Chart::of(&[0.0, 5.0, 2.5]);
        assert_eq!(chart.line, "56.0,120.0 388.0,12.0 720.0,66.0");
        assert_eq!(chart.area, "56.0,120.0 56.0,120.0 388.0,12.0 720.0,66.0 720.0,120.0");
        assert_eq!(chart.most, "5");
        assert_eq!(Chart::of(&[0.0, 0.0]).line, "56.0,120.0 720.0,120.0");
        assert_eq!(number(0.25), "0.2");
    }
}

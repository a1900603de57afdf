//! The table of whole programs.

use std::path::PathBuf;

use super::measure::{self, Medians, Row};
use super::options::Options;
use super::statistics::geometric_mean;
use crate::error::{Result, at};
use crate::interpreter;

/// The programs asked for, by name.
pub fn find(options: &Options) -> Result<Vec<(String, PathBuf)>> {
    let folder = interpreter::workspace().join("benches/programs");
    let mut found = Vec::new();
    for entry in at(&folder, std::fs::read_dir(&folder))?.flatten() {
        let path = entry.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let chosen = options.filter.is_empty()
            || options
                .filter
                .iter()
                .any(|part| name.contains(part.as_str()));
        if chosen && path.extension().is_some_and(|ending| ending == "py") {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Measures and prints. True when every program ran everywhere with equal output
/// (and, under `--check`, none was slower than the first to compare with).
pub fn run(options: &Options) -> Result<bool> {
    let programs = find(options)?;
    let names: Vec<_> = options.contenders.iter().map(|c| c.name.as_str()).collect();
    print!("{:24}", "CPU seconds, peak MB");
    for name in &names {
        print!(" {:>16}", clip(name, 16));
    }
    for name in names.iter().skip(1) {
        print!(" {:>16}", format!("/{}", clip(name, 15)));
    }
    println!();
    let (mut rows, mut good) = (Vec::new(), true);
    for (name, path) in &programs {
        let row = measure::program(options, path)?;
        print_row(name, &row);
        good &= row.iter().all(|cell| cell.is_ok());
        rows.push((name.clone(), row));
    }
    for index in 1..names.len() {
        let ratios: Vec<_> = rows
            .iter()
            .filter_map(|(_, row)| ratios(row, index))
            .collect();
        let mean = |part: fn(&(f64, f64)) -> f64| {
            geometric_mean(&ratios.iter().map(part).collect::<Vec<_>>()).unwrap_or(f64::NAN)
        };
        let (time, memory) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let slower = ratios.iter().filter(|pair| pair.0 > 1.0).count();
        println!(
            "{} / {} over {} programs: time {time:.3}, memory {memory:.3} (geometric means); \
             slower on {slower}",
            names[0],
            names[index],
            ratios.len()
        );
        if index == 1 && options.check {
            good &= slower == 0;
        }
    }
    for (name, row) in &rows {
        for (cell, contender) in row.iter().zip(&names) {
            if let Err(reason) = cell {
                println!("FAILED {name} under {contender}: {}", reason.trim_end());
            }
        }
    }
    if let Some(path) = &options.json {
        at(path, std::fs::write(path, json(&names, &rows).to_string()))?;
    }
    Ok(good)
}

/// Time and memory of the first interpreter as parts of another's.
fn ratios(row: &Row, index: usize) -> Option<(f64, f64)> {
    match (&row[0], &row[index]) {
        (Ok(first), Ok(other)) => Some((first.cpu / other.cpu, first.rss / other.rss)),
        _ => None,
    }
}

fn print_row(name: &str, row: &Row) {
    print!("{name:24}");
    for cell in row {
        match cell {
            Ok(Medians { cpu, rss, .. }) => print!(" {cpu:8.3} {:7.1}", rss / 1e6),
            Err(_) => print!(" {:>16}", "failed"),
        }
    }
    for index in 1..row.len() {
        match ratios(row, index) {
            Some((time, memory)) => print!(" {time:8.3} {memory:7.2}"),
            None => print!(" {:>16}", "-"),
        }
    }
    println!();
}

fn clip(name: &str, width: usize) -> &str {
    name.get(..width).unwrap_or(name)
}

fn json(names: &[&str], rows: &[(String, Row)]) -> serde_json::Value {
    let cell = |cell: &std::result::Result<Medians, String>| match cell {
        Ok(Medians { cpu, wall, rss, .. }) => {
            serde_json::json!({ "cpu": cpu, "wall": wall, "rss": rss })
        }
        Err(reason) => serde_json::json!({ "failed": reason }),
    };
    let program = |(name, row): &(String, Row)| {
        let cells: serde_json::Map<_, _> = names
            .iter()
            .map(|name| name.to_string())
            .zip(row.iter().map(cell))
            .collect();
        (name.clone(), serde_json::Value::Object(cells))
    };
    serde_json::Value::Object(rows.iter().map(program).collect())
}

//! What a run prints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::counted::Counted;
use super::expectation::Expectation;
use super::module_run::ModuleReport;
use super::outcome::Outcome;
use super::tiers::Tier;
use crate::error::{Result, at};

type Reports = BTreeMap<String, ModuleReport>;

/// How many tests of a module passed.
pub fn passed(report: &ModuleReport) -> usize {
    report
        .records
        .values()
        .filter(|record| record.outcome == Outcome::Ok)
        .count()
}

/// Whether the interpreter went down, hung or overran its memory in this module.
pub fn is_grave(report: &ModuleReport) -> bool {
    report.crashed_outside
        || report
            .records
            .values()
            .any(|record| record.outcome.is_grave())
}

#[derive(Clone, Copy, Default)]
struct Sum {
    passed: usize,
    counted: usize,
    grave: usize,
    seconds: f64,
}

impl Sum {
    fn of(report: &ModuleReport) -> Self {
        let grave = report
            .records
            .values()
            .filter(|record| record.outcome.is_grave())
            .count();
        Sum {
            passed: passed(report),
            counted: report.records.len(),
            grave: grave + usize::from(report.crashed_outside),
            seconds: report.wall.as_secs_f64(),
        }
    }

    fn add(&mut self, other: Sum) {
        self.passed += other.passed;
        self.counted += other.counted;
        self.grave += other.grave;
        self.seconds += other.seconds;
    }

    fn print(&self, name: &str) {
        let percent = 100.0 * self.passed as f64 / self.counted.max(1) as f64;
        let Sum {
            passed,
            counted,
            grave,
            seconds,
        } = self;
        let grave = if *grave == 0 {
            String::new()
        } else {
            grave.to_string()
        };
        println!("{name:44} {passed:6} {counted:7} {percent:7.2} {grave:>6} {seconds:8.1}");
    }
}

/// The table by module and tier.
pub fn print_table(tiers: &[Tier], counted: &Counted, reports: &Reports) {
    for tier in tiers {
        println!(
            "\n{:44} passed counted percent  grave  seconds",
            format!("[{}]", tier.name)
        );
        let mut total = Sum::default();
        for name in &tier.modules {
            let parts: Vec<_> = counted.modules_of(name);
            let parts = parts.iter().filter_map(|module| reports.get(*module));
            let mut whole = Sum::default();
            let mut number = 0;
            for report in parts {
                let sum = Sum::of(report);
                sum.print(&report.module);
                whole.add(sum);
                number += 1;
            }
            if number > 1 {
                whole.print(&format!("{name} (whole)"));
            }
            total.add(whole);
        }
        total.print(&format!("tier {}", tier.name));
    }
}

/// Crashes and hangs, each with the interpreter's last words.
pub fn print_grave(reports: &Reports) {
    for report in reports.values().filter(|report| is_grave(report)) {
        println!(
            "\n{}: the interpreter went down, hung or overran its memory",
            report.module
        );
        for (id, record) in &report.records {
            if record.outcome.is_grave() {
                println!("  {}: {id}", record.outcome.word());
            }
        }
        for text in &report.trouble {
            println!("  {}", text.trim_end().replace('\n', "\n    "));
        }
    }
}

/// Each test that does not pass, with what it said.
pub fn print_failures(reports: &Reports, expectation: &Expectation) {
    for (module, report) in reports {
        for (id, record) in &report.records {
            if record.outcome != Outcome::Ok {
                let cause = expectation.cause(module, id).unwrap_or("-");
                let word = record.outcome.word();
                println!("{module}\t{id}\t{word}\t{cause}\t{}", record.message);
            }
        }
    }
}

/// All outcomes, for other programs.
pub fn write_tsv(path: &Path, reports: &Reports) -> Result<()> {
    let mut text = String::new();
    for (module, report) in reports {
        for (id, record) in &report.records {
            let message = record.message.replace(['\t', '\n'], " ");
            let word = record.outcome.word();
            text += &format!("{module}\t{id}\t{word}\t{:.3}\t{message}\n", record.seconds);
        }
    }
    at(path, std::fs::write(path, text))
}

/// How the run compares with what is recorded.
pub fn print_expectation(
    expectation: &Expectation,
    reports: &Reports,
    regressions: &[(String, String)],
    flaky: &BTreeSet<(String, String)>,
) {
    let (mut new, mut unexplained) = (0, 0);
    for (module, report) in reports {
        for (id, record) in &report.records {
            if record.outcome != Outcome::Ok {
                let explained = expectation.cause(module, id).is_some();
                unexplained += usize::from(!explained && !expectation.passes(module, id));
            } else if !expectation.passes(module, id) {
                new += 1;
            }
        }
    }
    println!();
    for (module, id) in flaky {
        println!("passed only when run again: {module} {id}");
    }
    for (module, id) in regressions {
        let record = &reports[module].records[id];
        println!(
            "REGRESSION {}: {module} {id}: {}",
            record.outcome.word(),
            record.message
        );
    }
    println!(
        "{} recorded tests fail, {new} pass that are not recorded (--ratchet records them), \
         {unexplained} fail without a recorded cause.",
        regressions.len()
    );
}

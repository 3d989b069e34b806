//! `completions` and `man`: made from the declaration of the command line itself, so that they cannot drift from it.

use clap::CommandFactory;
use clap_complete::{Generator, shells};

use super::args::{Args, CompletionArgs, ManArgs, Shell};
use super::terminal::Desk;
use super::{Done, Failure, Outcome, files};

/// Prints a completion script.
pub(super) fn run(args: CompletionArgs, desk: &mut Desk) -> Outcome {
    fn script(generator: impl Generator) -> Vec<u8> {
        let mut out = Vec::new();
        clap_complete::generate(generator, &mut Args::command(), "shejire", &mut out);
        out
    }
    let text = match args.shell {
        Shell::Bash => script(shells::Bash),
        Shell::Zsh => script(shells::Zsh),
        Shell::Fish => script(shells::Fish),
        Shell::PowerShell => script(shells::PowerShell),
        Shell::Elvish => script(shells::Elvish),
        Shell::Nushell => script(clap_complete_nushell::Nushell),
    };
    desk.out().write_all(&text)?;
    Ok(Done::Well)
}

/// Prints the manual page, or writes one page a command into a folder.
pub(super) fn man(args: ManArgs, desk: &mut Desk) -> Outcome {
    match args.output {
        Some(folder) => {
            std::fs::create_dir_all(&folder)
                .map_err(|e| Failure::Usage(format!("cannot write into {}: {e}", folder.display())))?;
            files::folder(&folder, |folder| Ok(clap_mangen::generate_to(Args::command(), folder)?))?;
        }
        None => clap_mangen::Man::new(Args::command()).render(&mut desk.out())?,
    }
    Ok(Done::Well)
}

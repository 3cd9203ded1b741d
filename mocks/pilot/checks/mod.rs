//! The pilot is what it says, and the table says what the domain says.

mod lives;
mod pilot;

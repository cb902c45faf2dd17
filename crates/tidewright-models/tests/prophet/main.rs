//! All that holds Prophet: the original's own cases, laws of any fit, the whole model, both roads to the optimum, the
//! series on which fits break, and random cases that Stan has solved.

mod prophet_golden;
mod prophet_laws;
mod prophet_model;
mod prophet_paths;
mod prophet_pitfalls;
mod prophet_random;

//! Batch detectors against scikit-learn.

mod batch_reference;

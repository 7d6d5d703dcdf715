//! Objects to partitions: folders and listings.

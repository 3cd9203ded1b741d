//! National Public Service Portal: the adapter on the exchange axis.

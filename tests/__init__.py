"""Tests of esc_sim."""

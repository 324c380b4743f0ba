package io.github.javasampler;

/// One candidate, as it stood when the picker chose.
///
/// @param id the token
/// @param logit its logit after all stages
/// @param probability its probability among the survivors
public record Candidate(int id, float logit, double probability) {}

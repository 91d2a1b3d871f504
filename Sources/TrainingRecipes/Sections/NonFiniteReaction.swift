extension Recipe {
    /// The reaction to a step whose loss or gradient is NaN or infinite. No rank changes its parameters in such a step.
    public enum NonFiniteReaction: String, RecipeWord {
        /// Saves a checkpoint of the step before, and ends with an error.
        case stop
        /// Goes on with the next step.
        case skip
        /// Goes back to the last checkpoint, and leaves the batch out when training comes to it again.
        case rewind
    }
}

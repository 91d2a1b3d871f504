extension Recipe {
    /// The type of the device that ranks compute on, with PyTorch's names.
    public enum DeviceType: String, RecipeWord {
        /// The CPU of the machine.
        case cpu
        /// One CUDA device per rank.
        case cuda
    }
}

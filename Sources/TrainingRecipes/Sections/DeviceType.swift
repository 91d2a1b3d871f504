extension Recipe {
    /// The device that ranks compute on, by PyTorch's names.
    public enum DeviceType: String, RecipeWord {
        /// The machine's cores.
        case cpu
        /// A CUDA device per rank.
        case cuda
    }
}

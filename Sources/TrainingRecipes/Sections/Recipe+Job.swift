extension Recipe {
    /// The name and the folder of the run. `dump_folder` is torchtitan's name.
    public struct JobSection: Hashable, Sendable {
        /// The name of the run and of its folder.
        public var name = "shakespeare"
        /// The folder in which the folder of the run is created.
        public var dumpFolder = "runs"

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}

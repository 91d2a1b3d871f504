extension Recipe {
    /// The run's name and place; `dump_folder` is torchtitan's name.
    public struct JobSection: Hashable, Sendable {
        /// The run's name, which its folder has too.
        public var name = "shakespeare"
        /// The folder that run folders are made in.
        public var dumpFolder = "runs"

        /// The `shakespeare` preset's job.
        public init() {}
    }
}

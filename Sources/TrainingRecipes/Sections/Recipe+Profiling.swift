extension Recipe {
    /// The steps that libtorch's profiler records, with torchtitan's names.
    public struct ProfilingSection: Hashable, Sendable {
        /// Whether the profiler records steps.
        public var enableProfiling = false
        /// The number of steps from one recording to the next. A recording ends at a multiple of this number.
        public var profileFreq = 10
        /// The number of steps of a recording.
        public var profilerActive = 1
        /// The folder of the recordings, within the folder of the run.
        public var saveTracesFolder = "profile_traces"

        /// Creates the section of the `shakespeare` preset.
        public init() {}

        /// Returns whether a step, from 1, is recorded.
        package func records(_ step: Int) -> Bool {
            enableProfiling && (step - 1) % profileFreq >= profileFreq - profilerActive
        }

        /// Returns whether a recording ends with a step, from 1.
        package func endsRecording(_ step: Int) -> Bool { step.isMultiple(of: profileFreq) }
    }
}

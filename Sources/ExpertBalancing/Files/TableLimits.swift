/// The largest tables that are read, far above those of real models, so that no file exhausts the memory.
enum TableLimits {
    static let windows = 1 << 20
    static let layers = 1 << 16
    /// The largest number of experts or slots per layer.
    static let columns = 1 << 16
    /// The largest number of values in total.
    static let values = 1 << 27
    /// The largest number of rows of a list of counts.
    static let counts = 1 << 25

    /// Checks the shape of a table.
    ///
    /// - Throws: ``FileFormatError`` that names the shape and the limits.
    static func check(windows: Int = 1, layers: Int, columns: Int, _ noun: String = "expert") throws(FileFormatError) {
        let isWithin = windows <= self.windows && layers <= self.layers && columns <= self.columns
        guard isWithin, windows * layers * columns <= values else {
            throw FileFormatError(
                "\(layers.counted("layer")) of \(columns.counted(noun)) in \(windows.counted("window")) are too many: give "
                    + "at most \(self.layers) layers, \(self.columns) \(noun)s, \(self.windows) windows and \(values) "
                    + "values in total")
        }
    }
}

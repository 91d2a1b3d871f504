/// The data of one zoomable timeline on a page; `timeline.js` documents the format and draws it. Times are nanoseconds.
package enum TimelinePlot {
    /// The texts within spans.
    package enum Texts: String, Sendable {
        /// A text is drawn as a whole or not at all. Boxes of equal width either all show their texts or none does.
        case whole
        /// As much of a text is drawn as fits.
        case clipped
    }

    /// One picture: rows of spans.
    package struct Panel: Sendable {
        /// The text above the picture, which may be empty.
        package var title = ""
        /// The labels that spans refer to.
        private(set) var labels: [Label] = []
        /// The notes that labels refer to.
        private(set) var notes: [String] = []
        private var noteIndices: [String: Int] = [:]
        package var lanes: [Lane] = []

        package init(title: String = "") { self.title = title }

        /// Adds a label and returns its index. `note` is a line of the description of its spans; it may be empty.
        package mutating func addLabel(_ name: String, _ parts: [Part], note: String = "") -> Int {
            let index = noteIndices[note] ?? notes.count
            if index == notes.count, !note.isEmpty {
                notes.append(note)
                noteIndices[note] = index
            }
            labels.append(Label(name: name, parts: parts, note: note.isEmpty ? nil : index))
            return labels.count - 1
        }
    }

    /// The name and the look of a span: one part, or several side by side within one border.
    struct Label: Sendable {
        /// The name in the description of a span.
        let name: String
        /// One part or more.
        let parts: [Part]
        /// The index of the line that its panel adds to the description.
        let note: Int?
    }

    /// The look of a span or of a part of its width.
    package struct Part: Sendable {
        package var kind: PlotKind
        /// The short form that is drawn within the span.
        package var text: String
        /// The opacity of the colour, from 0 to 1.
        package var opacity = 1.0
        /// The part's width in proportion to the widths of the other parts.
        package var weight = 1

        package init(kind: PlotKind, text: String, opacity: Double = 1, weight: Int = 1) {
            self.kind = kind
            self.text = text
            self.opacity = opacity
            self.weight = weight
        }
    }

    /// A row of spans, and thin bands below it.
    package struct Lane: Sendable {
        package let name: String
        /// Bands with disjoint intervals in ascending order. A band shows the share of each pixel column's time that
        /// its intervals cover. Bands are higher if the lane has no spans.
        package var bands: [(name: String, kind: PlotKind, intervals: [Range<Int64>])] = []
        /// The start, the length and the index of the label of each span, one span after the other.
        private(set) var values: [Int64] = []

        package init(name: String) { self.name = name }

        /// Adds a span that does not start before the one added last.
        package mutating func append(_ interval: Range<Int64>, label: Int) {
            values += [interval.lowerBound, interval.upperBound - interval.lowerBound, Int64(label)]
        }
    }
}

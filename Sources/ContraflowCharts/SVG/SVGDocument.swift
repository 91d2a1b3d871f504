/// An SVG picture under construction: elements in drawing order, with a style sheet of its own that follows the
/// system's colour scheme.
struct SVGDocument {
    private var elements = ""
    private let style: String

    /// A picture with the rules of `style` besides those that all pictures share.
    init(style: String) {
        self.style =
            "text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px}"
            + ".title{font-size:16px;font-weight:600}"
            + Palette.css([.init("text", "fill", "ink"), .init(".ground", "fill", "ground")]) + style
    }

    mutating func rectangle(_ name: String, x: Double, y: Double, width: Double, height: Double, title: String? = nil) {
        let place = #"x="\#(x.svg)" y="\#(y.svg)" width="\#(width.svg)" height="\#(height.svg)""#
        if let title {
            elements += #"<rect class="\#(name)" \#(place)><title>\#(title.markupEscaped)</title></rect>"# + "\n"
        } else {
            elements += #"<rect class="\#(name)" \#(place)/>"# + "\n"
        }
    }

    mutating func text(_ text: String, _ name: String, x: Double, y: Double) {
        elements += #"<text class="\#(name)" x="\#(x.svg)" y="\#(y.svg)">\#(text.markupEscaped)</text>"# + "\n"
    }

    mutating func line(_ name: String, x1: Double, y1: Double, x2: Double, y2: Double) {
        elements += #"<line class="\#(name)" x1="\#(x1.svg)" y1="\#(y1.svg)" x2="\#(x2.svg)" y2="\#(y2.svg)"/>"# + "\n"
    }

    mutating func polyline(_ name: String, _ points: [(x: Double, y: Double)]) {
        let list = points.map { "\($0.x.svg),\($0.y.svg)" }.joined(separator: " ")
        elements += #"<polyline class="\#(name)" points="\#(list)"/>"# + "\n"
    }

    mutating func path(_ name: String, _ data: String) { elements += #"<path class="\#(name)" d="\#(data)"/>"# + "\n" }

    mutating func circle(_ name: String, x: Double, y: Double, radius: Double) {
        elements += #"<circle class="\#(name)" cx="\#(x.svg)" cy="\#(y.svg)" r="\#(radius.svg)"/>"# + "\n"
    }

    /// The finished picture, `width` by `height` pixels, with `title` for screen readers.
    func render(width: Double, height: Double, title: String) -> String {
        let size = #"width="\#(width.svg)" height="\#(height.svg)" viewBox="0 0 \#(width.svg) \#(height.svg)""#
        return """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) role="img" aria-label="\(title.markupEscaped)">
            <style>\(style)</style>
            <rect class="ground" width="100%" height="100%"/>
            \(elements)</svg>

            """
    }
}

extension Double {
    /// The number with at most two decimals and no trailing zeros.
    var svg: String {
        let hundredths = Int((self * 100).rounded())
        let whole = hundredths.magnitude / 100
        let rest = hundredths.magnitude % 100
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
        return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}

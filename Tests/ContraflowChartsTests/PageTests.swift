import ContraflowCharts
import Foundation
import Testing

@Suite("Pages with timelines and tables") struct PageTests {
    /// Everything that could end a script, an element, an attribute or a string.
    private static let names = [
        "</script><b>", "<!--<script>", "a\"b'c\\d", "line\u{2028}and\u{2029}paragraph", "tab\tand\nline", "&amp;",
        "<\u{338}script>",
    ]

    private func page(_ name: String) -> String {
        var lane = TimelinePlot.Lane(name: name)
        var panel = TimelinePlot.Panel(title: name)
        let pair = [
            TimelinePlot.Part(kind: .forward, text: "1", opacity: 0.5),
            TimelinePlot.Part(kind: .backward, text: "2", weight: 2),
        ]
        let part = TimelinePlot.Part(kind: .compute, text: name)
        lane.append(0..<5, label: panel.addLabel(name, [part], note: name))
        lane.append(5..<9, label: panel.addLabel(name, pair, note: name))
        lane.bands = [(name: name, kind: .exposed, intervals: [1..<2, 4..<6])]
        panel.lanes = [lane]
        let table = Page.Block.sortableTable(
            placeholder: name, columns: [name, "ms"], sortedBy: 1,
            rows: [(cells: [.text(name), .time(7)], name: name, detail: name)])
        return Page(
            title: name, heading: name, subtitle: name,
            blocks: [
                .section(id: "all", [.heading(name), .paragraph(name)]), .details(summary: name, []),
                .findings([(title: name, remark: name, evidence: [name])], fallback: name),
                .figures([(name: name, value: name)]), .table(header: [name], rows: [[name]]), table,
                .legend([(text: name, swatch: .kind(.wait)), (text: name, swatch: .pair)]),
                .timeline(name: name, end: 9, texts: .clipped, panels: [panel]),
            ]
        ).html()
    }

    /// The JSON of the page's data scripts, as text.
    private func data(_ html: String) -> [String] {
        html.components(separatedBy: "<script type=\"application/json\">").dropFirst().map {
            $0.components(separatedBy: "</script>")[0]
        }
    }

    @Test("Every name is safe in markup and in scripts", arguments: names)
    func everyNameIsSafeInAScript(name: String) throws {
        let html = page(name)
        // Two scripts of data and three of code; no part of a name is markup.
        #expect(html.components(separatedBy: "<script").count == 6)
        #expect(html.components(separatedBy: "</script>").count == 6)
        #expect(!html.contains("<b></") && !html.contains("<!--"))
        let data = data(html)
        #expect(data.count == 2)
        for text in data {
            #expect(!text.unicodeScalars.contains { $0 == "<" || $0 == "\u{2028}" || $0 == "\u{2029}" })
        }
        let table = try #require(try JSONSerialization.jsonObject(with: Data(data[0].utf8)) as? [String: Any])
        let rows = try #require(table["rows"] as? [[String: Any]])
        #expect(rows[0]["name"] as? String == name && rows[0]["detail"] as? String == name)
        let plot = try #require(try JSONSerialization.jsonObject(with: Data(data[1].utf8)) as? [String: Any])
        let panel = try #require((plot["panels"] as? [[String: Any]])?.first)
        let label = try #require((panel["labels"] as? [[String: Any]])?.first)
        #expect(panel["notes"] as? [String] == [name])
        for key in ["name", "text"] { #expect(label[key] as? String == name) }
        let lane = try #require((panel["lanes"] as? [[String: Any]])?.first)
        #expect(lane["name"] as? String == name)
        #expect((lane["bands"] as? [[String: Any]])?.first?["name"] as? String == name)
    }

    @Test("A timeline has the format that its viewer documents")
    func thePlotHasTheFormatOfItsViewer() throws {
        let text = data(page("n"))[1]
        #expect(
            text == """
                {"end":9,"texts":"clipped","panels":[{"title":"n",
                "labels":[{"name":"n","kind":"compute","text":"n","note":0},\
                {"name":"n","parts":[{"kind":"forward","text":"1","opacity":0.5},{"kind":"backward","text":"2","weight":2}],"note":0}],
                "notes":["n"],
                "lanes":[{"name":"n","spans":[0,5,0,5,4,1],\
                "bands":[{"name":"n","kind":"exposed","spans":[1,2,4,6]}]}]}]}
                """)
    }

    @Test("The page needs no other file and has a colour for every kind in both schemes")
    func thePageHasAColourForEveryKind() {
        let html = page("n")
        #expect(!html.contains("http") && !html.contains("src=") && !html.contains("<link"))
        #expect(html.contains("@media screen and (prefers-color-scheme: dark)"))
        for kind in PlotKind.allCases {
            #expect(html.components(separatedBy: "--\(kind.rawValue): #").count == 3, "\(kind)")
        }
    }
}

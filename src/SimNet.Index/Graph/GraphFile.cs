namespace SimNet.Index;

/// <summary>
/// Reads and writes a graph. Without verification, links are not checked, because that would read all of them. A search follows only valid
/// row IDs and visits each row at most once, so a damaged link can neither lead outside the memory nor into a cycle.
/// </summary>
internal static unsafe class GraphFile
{
    public static GraphLinks Read(IndexFileReader file, RowStore store)
    {
        GraphParameters parameters = *file.Items<GraphParameters>(IndexSection.Parameters, 1);
        long entries = file.ItemCount<int>(IndexSection.Entries);
        NeighborGraphOptions options = parameters.ToOptions();
        if (NeighborGraph.Validate(options) is string problem)
        {
            throw file.Invalid(IndexSection.Parameters, problem);
        }

        if (parameters.IsQuantized is not (0 or 1) || (parameters.IsQuantized == 1 && file.Metric == Metric.InnerProduct))
        {
            throw file.Invalid(
                IndexSection.Parameters,
                $"the kind of points is {parameters.IsQuantized}; expected 0, or 1 unless the metric is inner product");
        }

        if (entries > file.Count || (entries == 0) != (file.Count == 0))
        {
            throw file.Invalid(
                IndexSection.Entries, $"{entries} entry points for {file.Count} rows; expected at least one and at most one per row");
        }

        bool isQuantized = parameters.IsQuantized == 1;
        var graph = new GraphLinks
        {
            Options = options,
            Count = file.Count,
            Links = file.Items<int>(IndexSection.Links, (long)file.Count * options.MaxDegree),
            IsQuantized = isQuantized,
            Entries = new EntryPoints(
                file.Items<int>(IndexSection.Entries, entries),
                file.Items<byte>(IndexSection.EntryPoints, entries * BytesOfPoint(store, isQuantized)),
                (int)entries),
        };
        for (int i = 0; i < entries; i++)
        {
            if ((uint)graph.Entries.Rows[i] >= (uint)file.Count)
            {
                throw file.Invalid(
                    IndexSection.Entries, $"entry point {i} is row {graph.Entries.Rows[i]}; expected a row below {file.Count}");
            }
        }

        if (file.VerifiesContents)
        {
            CheckLinks(file, graph);
        }

        return graph;
    }

    public static void Write(IndexFileWriter writer, GraphLinks graph, RowStore store)
    {
        writer.Add(IndexSection.Parameters, new GraphParameters(graph.Options, graph.IsQuantized));
        writer.Add(IndexSection.Entries, graph.Entries.Rows, graph.Entries.Count);
        writer.Add(IndexSection.EntryPoints, graph.Entries.Points, graph.Entries.Count * BytesOfPoint(store, graph.IsQuantized));
        writer.Add(IndexSection.Links, graph.Links, (long)graph.Count * graph.Options.MaxDegree);
    }

    private static long BytesOfPoint(RowStore store, bool isQuantized) =>
        isQuantized ? store.Codes.Stride : store.Rows.Stride * (long)sizeof(float);

    private static void CheckLinks(IndexFileReader file, GraphLinks graph)
    {
        int maxDegree = graph.Options.MaxDegree;
        for (int row = 0; row < graph.Count; row++)
        {
            var links = new ReadOnlySpan<int>(graph.Links + ((long)row * maxDegree), maxDegree);
            int count = links.IndexOf(GraphLinks.None) is >= 0 and int end ? end : maxDegree;
            for (int i = 0; i < maxDegree; i++)
            {
                bool isSound = i < count ? (uint)links[i] < (uint)graph.Count && links[i] != row : links[i] == GraphLinks.None;
                if (!isSound)
                {
                    throw file.Invalid(
                        IndexSection.Links,
                        $"link {i} of row {row} is {links[i]}; "
                        + $"expected a different row below {graph.Count}, or {GraphLinks.None} after the last");
                }
            }
        }
    }
}

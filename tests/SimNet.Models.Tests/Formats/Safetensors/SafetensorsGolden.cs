namespace SimNet.Models.Tests;

/// <summary>Files that Python's json and struct modules created from the specification of the format.</summary>
internal static class SafetensorsGolden
{
    /// <summary>
    /// Sorted F32 tensors with metadata: {"format":"pt","note":"grüße \"q\" \u0001"}; a.bias [2], a.weight [2,1,1,3], scalar [], void
    /// [0,4], ä"\⏎ [1].
    /// </summary>
    public static byte[] Sorted { get; } = Convert.FromBase64String(
        "cAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIm5vdGUiOiJncsO8w59lIFwicVwiIFx1MDAwMSJ9LCJhLmJpYXMiOnsiZHR5cGUiOiJGMzIi" +
        "LCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDhdfSwiYS53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMSwxLDNdLCJkYXRhX29mZnNldHMi" +
        "Ols4LDMyXX0sInNjYWxhciI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMzIsMzZdfSwidm9pZCI6eyJkdHlwZSI6IkYzMiIsInNo" +
        "YXBlIjpbMCw0XSwiZGF0YV9vZmZzZXRzIjpbMzYsMzZdfSwiw6RcIlxcXG4iOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlszNiw0" +
        "MF19fQAAwD8AAADAAAAAAM3MzD0AAACA5rFhf8IWAQAAAIB/AAAoQgAA4EA=");

    /// <summary>One tensor of every supported type.</summary>
    public static byte[] EveryType { get; } = Convert.FromBase64String(
        "qAIAAAAAAAB7ImJmMTYiOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbMCw2XX0sImJvb2wiOnsiZHR5cGUiOiJCT09MIiwic2hh" +
        "cGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNiw4XX0sImYxNiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbNF0sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwiZjY0Ijp7" +
        "ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMTYsMzJdfSwiaTE2Ijp7ImR0eXBlIjoiSTE2Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZz" +
        "ZXRzIjpbMzIsMzZdfSwiaTMyIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMzYsNDBdfSwiaTY0Ijp7ImR0eXBlIjoiSTY0Iiwi" +
        "c2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls0MCw0OF19LCJpOCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTBdfSwidTE2" +
        "Ijp7ImR0eXBlIjoiVTE2Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTAsNTJdfSwidTMyIjp7ImR0eXBlIjoiVTMyIiwic2hhcGUiOlsxXSwiZGF0YV9v" +
        "ZmZzZXRzIjpbNTIsNTZdfSwidTY0Ijp7ImR0eXBlIjoiVTY0Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTYsNjRdfSwidTgiOnsiZHR5cGUiOiJVOCIs" +
        "InNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzY0LDY2XX19IIA/IMCAfwABADxVtf97AQCamZmZmZm5PwAAAAAAAARAAID/fwAAAP85MAAAAAAAAIB///8AAACA" +
        "AAAAAAAAAIAA/w==");

    /// <summary>The content of <see cref="Sorted"/>.</summary>
    public static StateDict SortedTensors { get; } = new(new Dictionary<string, WeightTensor>
    {
        ["a.bias"] = new([2], new[] { 1.5f, -2f }),
        ["a.weight"] = new([2, 1, 1, 3], new[] { 0f, 0.1f, -0f, 3e38f, 1e-40f, float.PositiveInfinity }),
        ["scalar"] = new([], new[] { 42f }),
        ["void"] = new([0, 4], ReadOnlyMemory<float>.Empty),
        ["ä\"\\\n"] = new([1], new[] { 7f }),
    });

    /// <summary>The metadata of <see cref="Sorted"/>.</summary>
    public static Dictionary<string, string> SortedMetadata { get; } = new() { ["note"] = "grüße \"q\" \u0001", ["format"] = "pt" };

    /// <summary>Creates a file with a header and zeros for data.</summary>
    public static byte[] FileOf(string header, int dataBytes)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[dataBytes]];
    }

    public static SafetensorsContent Read(byte[] bytes, SafetensorsOptions? options = null)
    {
        using var stream = new MemoryStream(bytes);
        return SafetensorsFile.Read(stream, options);
    }

    public static byte[] Write(StateDict tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}

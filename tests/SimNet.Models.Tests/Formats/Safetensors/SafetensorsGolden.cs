namespace SimNet.Models.Tests;

/// <summary>Files put together by Python's json and struct modules from the format's description.</summary>
internal static class SafetensorsGolden
{
    /// <summary>Sorted F32 tensors with metadata: {"format":"pt","note":"grüße \"q\" \u0001"}; a.bias [2], a.weight [2,1,1,3], scalar [], void [0,4], ä"\⏎ [1].</summary>
    public static byte[] Sorted { get; } = Convert.FromBase64String(
        "cAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIm5vdGUiOiJncsO8w59lIFwicVwiIFx1MDAwMSJ9LCJhLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNl" +
        "dHMiOlswLDhdfSwiYS53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMSwxLDNdLCJkYXRhX29mZnNldHMiOls4LDMyXX0sInNjYWxhciI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9v" +
        "ZmZzZXRzIjpbMzIsMzZdfSwidm9pZCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCw0XSwiZGF0YV9vZmZzZXRzIjpbMzYsMzZdfSwiw6RcIlxcXG4iOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzFdLCJkYXRh" +
        "X29mZnNldHMiOlszNiw0MF19fQAAwD8AAADAAAAAAM3MzD0AAACA5rFhf8IWAQAAAIB/AAAoQgAA4EA=");

    /// <summary>One tensor of every type that is read.</summary>
    public static byte[] EveryType { get; } = Convert.FromBase64String(
        "qAIAAAAAAAB7ImJmMTYiOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbMCw2XX0sImJvb2wiOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNiw4" +
        "XX0sImYxNiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbNF0sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwiZjY0Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMTYsMzJdfSwiaTE2" +
        "Ijp7ImR0eXBlIjoiSTE2Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMzIsMzZdfSwiaTMyIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMzYsNDBdfSwiaTY0Ijp7ImR0" +
        "eXBlIjoiSTY0Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls0MCw0OF19LCJpOCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTBdfSwidTE2Ijp7ImR0eXBlIjoiVTE2" +
        "Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTAsNTJdfSwidTMyIjp7ImR0eXBlIjoiVTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTIsNTZdfSwidTY0Ijp7ImR0eXBlIjoiVTY0Iiwic2hh" +
        "cGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTYsNjRdfSwidTgiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzY0LDY2XX19IIA/IMCAfwABADxVtf97AQCamZmZmZm5PwAAAAAAAARA" +
        "AID/fwAAAP85MAAAAAAAAIB///8AAACAAAAAAAAAAIAA/w==");

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

    /// <summary>A file of this header and so many zero bytes of data.</summary>
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

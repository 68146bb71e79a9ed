using BenchmarkDotNet.Attributes;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary>
/// Decodes a JPEG of 224x224 with chroma at half width and height. The result's 150,528 bytes are the only large allocation.
/// </summary>
[MemoryDiagnoser]
public class JpegBenchmarks
{
    /// <summary>A synthetic strip of 224x16, textured in the middle, almost white at the sides, with one restart interval.</summary>
    private const string Strip =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/"
        + "2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAQAOADASIAAhEBAxEB/8QA"
        + "GgAAAwEBAQEAAAAAAAAAAAAAAAQFBwMIAv/EACcQAAEDAwMEAwEBAQAAAAAAAAECAwQABRESITETIjJBI0JRYUOB/8QAGQEAAwEBAQAAAAAAAAAAAAAAAAQF"
        + "AQMG/8QAGxEAAQUBAQAAAAAAAAAAAAAAAAEDBBExAiH/3QAEAA7/2gAMAwEAAhEDEQA/AN6ooooAM0UUUAFLXBcpu2ylwW0OzEsrLDa/FTmDpB3GxOPYpmig"
        + "DzrdbxfX5imL5LlvTNSVGO7ltLatOxDeAEnB5wM5/tfUUBpQcfw48o7IG+K3u6x7bJgLTdUxzFHkXyAlJPaCCfE74BG+9YrcE2uNfZSbKVvsKWC0VZ7QQCRu"
        + "M7HI3/BzzVFl1O0qqEZHNe2NxwBh2Wcn6tiqABcT1ZJ0NjdKAeaQjpSwQt1RdfP1HqqAT08OyiFOfVsUlKMY05vZkIyv4ow4HGalStb6SG/hjJ5V7NVZA1p6"
        + "0lWlI8WxUuZ8ySt5QaYTwnjNRO9LjGEKQCvLUVOhseSzUlagFKZijKvs6aryiXkFIw1GT79mpLhLuUR06GRys+6djadnMOTSgytTbGHH1cr/ACn42lhew68g"
        + "/wDcUihWSWInH2cNPRFBpXSjgrdPks+qvNYRJJbigMqSt49V88J5Aq0ykJw/KVleO1seqixCmOvCPlkK5OdhVpkIZIW4S7IO4T+VykYJc6OaeonqyTpbHi2K"
        + "XkAvoKnfijp3Cf2mCkN4dk97n1bFLSQNHWlHA5S2K8+/pYjE0pZlSmkSFqj27qAOrTyEZGSOd8fw1sVjt9mgwEmytRhGc/1YUF9TBPK8kqwSRuTjisXmAup6"
        + "rxDbI4QNs0nb5N3Tcm12ZUlhwHsTGSSteO7TpA7h25IwRtvWxuqXB11te009D0VOsK7muyRjeGw3cMEOgFJzgkA9pIyQAdtt/XFUaoE9UoKKKKACiiigD//Z";

    private byte[] _jpeg = [];

    /// <summary>Takes the first real image if SIMNET_DATA names a folder with fashion-products-224, otherwise a synthetic one.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("SIMNET_DATA") ?? "", "fashion-products-224", "images");
        _jpeg = Directory.Exists(folder)
            ? File.ReadAllBytes(Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal).First())
            : StackedStrips();
    }

    [Benchmark]
    public Image Decode() => ImageDecoder.Default.Decode(_jpeg, ImageDecoderOptions.Default);

    /// <summary>The strip 14 times, one below the other: the frame header has the new height, and the restart interval repeats.</summary>
    private static byte[] StackedStrips()
    {
        byte[] strip = Convert.FromBase64String(Strip);
        int frame = strip.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);
        strip[frame + 6] = 224;
        int scan = strip.AsSpan().IndexOf((byte[])[0xFF, 0xDA]);
        int data = scan + 2 + strip[scan + 3];
        var jpeg = new List<byte>(strip[..data]);
        for (int i = 0; i < 14; i++)
        {
            jpeg.AddRange(strip[data..^2]);
            jpeg.AddRange([0xFF, i < 13 ? (byte)(0xD0 + i % 8) : (byte)0xD9]);
        }

        return jpeg.ToArray();
    }
}

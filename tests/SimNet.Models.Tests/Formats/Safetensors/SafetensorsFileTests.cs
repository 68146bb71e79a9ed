using System.Buffers.Binary;
using System.IO.Compression;

namespace SimNet.Models.Tests;

public class SafetensorsFileTests
{
    [Fact]
    public void A_file_written_by_Python_is_read_bit_for_bit()
    {
        SafetensorsContent content = SafetensorsGolden.Read(SafetensorsGolden.Sorted);

        Assert.Null(StateDictComparison.FirstDifference(SafetensorsGolden.SortedTensors, content.Tensors));
        Assert.Equal(SafetensorsGolden.SortedMetadata.OrderBy(e => e.Key), content.Metadata.OrderBy(e => e.Key));
    }

    [Fact]
    public void Written_bytes_equal_those_written_by_Python()
    {
        Assert.Equal(SafetensorsGolden.Sorted, SafetensorsGolden.Write(SafetensorsGolden.SortedTensors, SafetensorsGolden.SortedMetadata));
    }

    [Fact]
    public void Every_dtype_is_converted()
    {
        StateDict tensors = SafetensorsGolden.Read(SafetensorsGolden.EveryType).Tensors;

        Assert.Equal([1f, -2.5f, float.PositiveInfinity], tensors["bf16"].Values.ToArray());
        Assert.Equal([1f, -0.333251953125f, 65504f, 5.9604645e-8f], tensors["f16"].Values.ToArray());
        Assert.Equal([0.1f, 2.5f], tensors["f64"].Values.ToArray());
        Assert.Equal([0f, 1f], tensors["bool"].Values.ToArray());
        Assert.Equal([-128f, 127f], tensors["i8"].Values.ToArray());
        Assert.Equal([-32768f, 32767f], tensors["i16"].Values.ToArray());
        Assert.Equal([-16777216f], tensors["i32"].Values.ToArray());
        Assert.Equal([12345f], tensors["i64"].Values.ToArray());
        Assert.Empty(tensors["i64"].Dimensions);
        Assert.Equal([0f, 255f], tensors["u8"].Values.ToArray());
        Assert.Equal([65535f], tensors["u16"].Values.ToArray());
        Assert.Equal([2147483648f], tensors["u32"].Values.ToArray());
        Assert.Equal([9223372036854775808f], tensors["u64"].Values.ToArray());
    }

    [Theory]
    [InlineData("I32", 16777217L)]
    [InlineData("U32", 4294967295L)]
    [InlineData("I64", -9007199254740993L)]
    [InlineData("I64", long.MaxValue)]
    [InlineData("U64", -1L)]
    [InlineData("F64", 0x7FE0000000000000L)]
    public void A_value_that_float32_cannot_represent_throws_with_its_offset(string type, long bits)
    {
        int size = type.EndsWith("64", StringComparison.Ordinal) ? 8 : 4;
        byte[] file = SafetensorsGolden.FileOf(
            $$$"""{"steps":{"dtype":"{{{type}}}","shape":[2],"data_offsets":[0,{{{2 * size}}}]}}""", 2 * size);
        Span<byte> second = file.AsSpan(file.Length - size);
        if (size == 8)
        {
            BinaryPrimitives.WriteInt64LittleEndian(second, bits);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(second, (uint)bits);
        }

        var exception = Assert.Throws<ModelFormatException>(() => SafetensorsGolden.Read(file));
        Assert.Contains("'steps'", exception.Problem, StringComparison.Ordinal);
        Assert.Equal(file.Length - size, exception.Offset);
    }

    [Theory]
    [InlineData("F8_E4M3")]
    [InlineData("C64")]
    [InlineData("f32")]
    [InlineData("0")]
    public void An_unsupported_dtype_throws_naming_it(string type)
    {
        byte[] file = SafetensorsGolden.FileOf($$$"""{"w":{"dtype":"{{{type}}}","shape":[1],"data_offsets":[0,1]}}""", 1);

        var exception = Assert.Throws<ModelFormatException>(() => SafetensorsGolden.Read(file));
        Assert.Contains($"'{type}'", exception.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", 1, "has data without a tensor")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "ends before its tensor does")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "continues after its tensor")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "has a shape larger than its bytes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "has reversed offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "has a negative offset")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}""", 5, "has a gap before its tensor")]
    [InlineData(
        """{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        4,
        "has overlapping tensors")]
    [InlineData(
        """{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""",
        12,
        "has a gap between tensors")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "has a shape whose product overflows to 0")]
    [InlineData("""{"w":{"dtype":"U8","shape":[65536,65536],"data_offsets":[0,4294967296]}}""", 0, "has more values than an array")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[2147483647,2147483647,4],"data_offsets":[0,16]}}""", 16, "has a shape whose product overflows")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", 4, "has negative dimensions")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4, "has a broken dimension")]
    [InlineData("""{"w":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", 4, "is nested too deep")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "has three offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "has one offset")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1]}}""", 4, "has no offsets")]
    [InlineData("""{"w":{"shape":[1],"data_offsets":[0,4]}}""", 4, "has no type")]
    [InlineData("""{"w":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "has no shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""", 4, "has two shapes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]}}""", 4, "has a key of a later format")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""",
        0,
        "has two tensors of the same name")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "has metadata twice")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "has metadata with a duplicate key")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "has metadata that is not a string")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""", 0, "has an unpaired surrogate")]
    [InlineData("""{"w":null}""", 0, "has null for a tensor")]
    [InlineData("""[]""", 0, "is not an object")]
    [InlineData("""{"w":""", 0, "is truncated")]
    [InlineData("""{} x""", 0, "continues after its object")]
    [InlineData("""{}{}""", 0, "has two objects")]
    [InlineData("", 0, "is empty")]
    public void An_invalid_header_throws(string header, int dataBytes, string problem)
    {
        var exception = Assert.Throws<ModelFormatException>(() => SafetensorsGolden.Read(SafetensorsGolden.FileOf(header, dataBytes)));
        Assert.True(exception.Offset >= 8, problem);
    }

    [Fact]
    public void Invalid_UTF_8_throws()
    {
        byte[] file = SafetensorsGolden.FileOf("""{"__metadata__":{"a":"x"}}""", 0);
        file[Array.IndexOf(file, (byte)'x')] = 0xFF;

        Assert.Throws<ModelFormatException>(() => SafetensorsGolden.Read(file));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    [InlineData(100_000_001UL)]
    [InlineData(3UL)]
    public void A_header_length_beyond_the_file_allocates_no_memory(ulong length)
    {
        byte[] file = [.. BitConverter.GetBytes(length), (byte)'{', (byte)'}'];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ModelFormatException>(() => SafetensorsGolden.Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Limits_are_enforced()
    {
        Assert.Throws<ModelFormatException>(
            () => SafetensorsGolden.Read(SafetensorsGolden.Sorted, new() { MaxBytes = SafetensorsGolden.Sorted.Length - 1 }));
        SafetensorsGolden.Read(SafetensorsGolden.Sorted, new() { MaxBytes = SafetensorsGolden.Sorted.Length });
        long header = BitConverter.ToInt64(SafetensorsGolden.Sorted);
        Assert.Throws<ModelFormatException>(() => SafetensorsGolden.Read(SafetensorsGolden.Sorted, new() { MaxHeaderBytes = header - 1 }));
        SafetensorsGolden.Read(SafetensorsGolden.Sorted, new() { MaxHeaderBytes = header });
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_within_the_limit()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(SafetensorsGolden.Sorted);
        }

        compressed.Position = 0;
        using (var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true))
        {
            Assert.True(StateDictComparison.SameBits(SafetensorsGolden.SortedTensors, SafetensorsFile.Read(gzip).Tensors));
        }

        compressed.Position = 0;
        using (var gzip = new GZipStream(compressed, CompressionMode.Decompress))
        {
            Assert.Throws<ModelFormatException>(() => SafetensorsFile.Read(gzip, new() { MaxBytes = 100 }));
        }
    }

    [Fact]
    public void A_stream_is_read_from_its_position()
    {
        using var stream = new MemoryStream([1, 2, 3, .. SafetensorsGolden.Sorted]);
        stream.Position = 3;

        Assert.True(StateDictComparison.SameBits(SafetensorsGolden.SortedTensors, SafetensorsFile.Read(stream).Tensors));
    }

    [Fact]
    public void Tensors_longer_than_one_chunk_keep_their_order()
    {
        float[] values = [.. Enumerable.Range(0, (1 << 19) + 3).Select(i => (float)i)];
        var tensors = new StateDict([new("w", new WeightTensor([values.Length], values))]);

        Assert.Null(StateDictComparison.FirstDifference(tensors, SafetensorsGolden.Read(SafetensorsGolden.Write(tensors)).Tensors));
    }

    [Fact]
    public void Unsupported_names_throw_and_leave_no_file()
    {
        using var folder = new TemporaryFolder();
        StateDict reserved = new([new("__metadata__", new WeightTensor([], new float[1]))]);
        StateDict broken = new([new("half \ud800", new WeightTensor([], new float[1]))]);

        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(folder["w"], reserved));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(folder["w"], broken));
        Assert.Throws<ArgumentException>(
            () => SafetensorsFile.Write(folder["w"], new([]), new Dictionary<string, string> { ["a"] = "\udc00" }));
        Assert.Empty(folder.FileNames);
    }

    [Fact]
    public void The_exception_names_the_damaged_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["broken.safetensors"], SafetensorsGolden.Sorted[..^1]);

        var exception = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Read(folder["broken.safetensors"]));
        Assert.Equal(folder["broken.safetensors"], exception.File);
        Assert.Contains(folder["broken.safetensors"], exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_name_is_truncated_in_the_message()
    {
        string name = new('n', 100_000);
        var exception = Assert.Throws<ModelFormatException>(
            () => SafetensorsGolden.Read(SafetensorsGolden.FileOf($"{{\"{name}\":{{}}}}", 0)));
        Assert.InRange(exception.Message.Length, 1000, 1100);
    }

    [Fact]
    public void Reading_can_be_canceled()
    {
        using var stream = new MemoryStream(SafetensorsGolden.Sorted);
        Assert.Throws<OperationCanceledException>(
            () => SafetensorsFile.Read(stream, cancellationToken: new CancellationToken(canceled: true)));
    }

    [SkippableFact]
    public void SqueezeNet_of_torchvision_has_the_documented_parameter_count()
    {
        string path = TestData.Require("squeezenet/squeezenet1_1-imagenet.safetensors");
        SafetensorsContent content = SafetensorsFile.Read(path);

        // The parameter count in the documentation of torchvision.
        Assert.Equal(1_235_496, content.Tensors.Values.Sum(t => t.Values.Length));
        Assert.Equal([64, 3, 3, 3], content.Tensors["features.0.weight"].Dimensions.AsEnumerable());
        Assert.Equal("squeezenet1_1", content.Metadata["architecture"]);
        byte[] rewritten = SafetensorsGolden.Write(content.Tensors, content.Metadata);
        Assert.True(StateDictComparison.SameBits(content.Tensors, SafetensorsGolden.Read(rewritten).Tensors));
    }
}

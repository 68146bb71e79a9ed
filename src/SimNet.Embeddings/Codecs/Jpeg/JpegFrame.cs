namespace SimNet.Embeddings;

/// <summary>A validated frame header (ITU T.81, B.2.2).</summary>
internal sealed class JpegFrame
{
    private JpegFrame(int width, int height, bool isProgressive, JpegComponent[] components)
    {
        Width = width;
        Height = height;
        IsProgressive = isProgressive;
        Components = components;
        foreach (JpegComponent component in components)
        {
            MaxHorizontalSampling = Math.Max(MaxHorizontalSampling, component.HorizontalSampling);
            MaxVerticalSampling = Math.Max(MaxVerticalSampling, component.VerticalSampling);
        }

        foreach (JpegComponent component in components)
        {
            component.SetSize(width, height, MaxHorizontalSampling, MaxVerticalSampling);
        }

        McusWide = (width + 8 * MaxHorizontalSampling - 1) / (8 * MaxHorizontalSampling);
        McusHigh = (height + 8 * MaxVerticalSampling - 1) / (8 * MaxVerticalSampling);
    }

    public int Width { get; }

    public int Height { get; }

    public bool IsProgressive { get; }

    public IReadOnlyList<JpegComponent> Components { get; }

    public int MaxHorizontalSampling { get; }

    public int MaxVerticalSampling { get; }

    /// <summary>The number of MCUs in a row of an interleaved scan (A.2.3).</summary>
    public int McusWide { get; }

    /// <summary>The number of rows of MCUs in an interleaved scan (A.2.3).</summary>
    public int McusHigh { get; }

    /// <summary>Reads a frame header. Allocates no memory that depends on the size of the image.</summary>
    public static JpegFrame Read(JpegSegment segment, byte marker, long maxPixels)
    {
        int start = segment.Offset;
        ExpectSupported(marker, start);
        int precision = segment.ReadByte();
        if (precision != 8)
        {
            throw new ImageFormatException($"The samples have {precision} bits; expected 8.", start);
        }

        int height = segment.ReadUInt16();
        int width = segment.ReadUInt16();
        if (height == 0)
        {
            throw new ImageFormatException(
                "The frame header has height 0, which defers the height to a DNL segment; DNL is not supported.", start + 1);
        }

        if (width == 0)
        {
            throw new ImageFormatException("The frame header has width 0; expected at least 1.", start + 3);
        }

        if ((long)width * height > maxPixels)
        {
            throw new ImageFormatException(
                $"The image is {width}x{height}, {(long)width * height} pixels; expected at most {maxPixels}.", start + 1);
        }

        int count = segment.ReadByte();
        if (count is not (1 or 3 or 4))
        {
            throw new ImageFormatException(
                $"The frame has {count} components; expected 1 (gray), 3 (YCbCr or RGB) or 4 (CMYK or YCCK).", start + 5);
        }

        var components = new JpegComponent[count];
        for (int i = 0; i < count; i++)
        {
            components[i] = ReadComponent(ref segment, components.AsSpan(0, i));
        }

        segment.ExpectEnd();
        var frame = new JpegFrame(width, height, marker == JpegMarker.ProgressiveFrame, components);
        frame.ExpectAddressable(start);
        return frame;
    }

    public void ReturnAll()
    {
        foreach (JpegComponent component in Components)
        {
            component.ReturnAll();
        }
    }

    private static JpegComponent ReadComponent(ref JpegSegment segment, ReadOnlySpan<JpegComponent> before)
    {
        int offset = segment.Offset;
        int id = segment.ReadByte();
        int sampling = segment.ReadByte();
        int quantization = segment.ReadByte();
        foreach (JpegComponent other in before)
        {
            if (other.Id == id)
            {
                throw new ImageFormatException($"Two components have the identifier {id}; expected different identifiers.", offset);
            }
        }

        if (sampling >> 4 is < 1 or > 4 || (sampling & 15) is < 1 or > 4)
        {
            throw new ImageFormatException(
                $"Component {id} has sampling factors {sampling >> 4}x{sampling & 15}; expected 1 to 4.", offset + 1);
        }

        if (quantization > 3)
        {
            throw new ImageFormatException($"Component {id} uses quantization table {quantization}; expected 0 to 3.", offset + 2);
        }

        return new JpegComponent
        {
            Id = id,
            HorizontalSampling = sampling >> 4,
            VerticalSampling = sampling & 15,
            QuantizationIndex = quantization,
        };
    }

    private static void ExpectSupported(byte marker, long offset)
    {
        string? process = marker switch
        {
            JpegMarker.BaselineFrame or JpegMarker.ExtendedSequentialFrame or JpegMarker.ProgressiveFrame => null,
            0xC3 => "lossless",
            0xC5 or 0xC6 or 0xC7 => "hierarchical",
            0xC9 or 0xCA or 0xCB => "arithmetic-coded",
            _ => "hierarchical arithmetic-coded",
        };

        if (process is not null)
        {
            throw new ImageFormatException(
                $"The image is {process} JPEG (marker FF{marker:X2}); "
                + "only Huffman-coded baseline, extended sequential and progressive JPEG (FFC0 to FFC2) are supported.",
                offset);
        }
    }

    /// <summary>Throws if the image does not fit in arrays, which limits far above the default would allow.</summary>
    private void ExpectAddressable(long offset)
    {
        long largest = (long)Width * Height * (Components.Count == 1 ? 1 : 3);
        foreach (JpegComponent component in Components)
        {
            largest = Math.Max(largest, 64L * component.StoredBlocksWide * component.StoredBlocksHigh);
        }

        if (largest > Array.MaxLength)
        {
            throw new ImageFormatException(
                $"The image is {Width}x{Height}, which needs {largest} values; expected at most {Array.MaxLength}.", offset);
        }
    }
}

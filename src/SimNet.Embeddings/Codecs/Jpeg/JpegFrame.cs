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
        OutputWidth = width;
        OutputHeight = height;
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

    /// <summary>The width and height that 8x8 pixels are decoded to: 8, or 4, 2 or 1 in scaled decoding.</summary>
    public int BlockSize { get; private set; } = 8;

    /// <summary>The width of the decoded image, before its orientation is applied.</summary>
    public int OutputWidth { get; private set; }

    /// <summary>The height of the decoded image, before its orientation is applied.</summary>
    public int OutputHeight { get; private set; }

    /// <summary>Whether every component has the whole image: all of its scans have been decoded.</summary>
    public bool IsComplete
    {
        get
        {
            foreach (JpegComponent component in Components)
            {
                if (!component.HasStarted || component.LowestBits.AsSpan().ContainsAnyExcept((sbyte)0))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The number of components that have no DC coefficients.</summary>
    public int ComponentsWithoutDc
    {
        get
        {
            int count = 0;
            foreach (JpegComponent component in Components)
            {
                count += !component.HasStarted || (IsProgressive && component.LowestBits[0] < 0) ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Reads a frame header. Allocates no memory that depends on the size of the image.</summary>
    public static JpegFrame Read(
        JpegSegment segment, byte marker, ReadOnlySpan<byte> file, ImageDecoderOptions options, BlemishList blemishes)
    {
        int start = segment.Offset;
        ExpectSupported(marker, start);
        int precision = segment.ReadByte();
        if (precision == 12)
        {
            throw ImageDecoder.Unsupported("a JPEG image with samples of 12 bits", start);
        }

        if (precision != 8)
        {
            throw new ImageFormatException($"The samples have {precision} bits; expected 8.", start);
        }

        int height = segment.ReadUInt16();
        int width = segment.ReadUInt16();
        if (height == 0)
        {
            height = JpegNumberOfLines.Find(file, segment.End, start + 1);
            blemishes.Add("The height is not in the frame header but in a DNL segment after the first scan.", start + 1);
        }

        if (width == 0)
        {
            throw new ImageFormatException("The frame header has width 0; expected at least 1.", start + 3);
        }

        if ((long)width * height > options.MaxPixels)
        {
            throw new ImageFormatException(
                $"The image is {width}x{height}, {(long)width * height} pixels; expected at most {options.MaxPixels}.", start + 1)
            {
                Cause = "too large",
            };
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
            components[i] = ReadComponent(ref segment, components.AsSpan(0, i), blemishes);
        }

        segment.ExpectEnd();
        var frame = new JpegFrame(width, height, marker == JpegMarker.ProgressiveFrame, components);
        frame.ExpectAddressable(start);
        return frame;
    }

    /// <summary>
    /// Sets what is decoded. As in libjpeg, the samples of subsampled components are scaled less where that makes them as many as those of
    /// the others, so that they need no interpolation.
    /// </summary>
    /// <param name="plan">What is decoded.</param>
    /// <param name="skipsScans">Whether scans that are not needed are skipped; otherwise their coefficients need memory too.</param>
    public void SetPlan(JpegPlan plan, bool skipsScans)
    {
        BlockSize = plan.BlockSize;
        OutputWidth = (int)(((long)Width * BlockSize + 7) / 8);
        OutputHeight = (int)(((long)Height * BlockSize + 7) / 8);
        for (int i = 0; i < Components.Count; i++)
        {
            JpegComponent component = Components[i];
            int size = BlockSize;
            while (size < 8
                && MaxHorizontalSampling * BlockSize % (component.HorizontalSampling * size * 2) == 0
                && MaxVerticalSampling * BlockSize % (component.VerticalSampling * size * 2) == 0)
            {
                size *= 2;
            }

            component.SetBlockSize(i > 0 && plan.IsLumaOnly ? 0 : size, this, skipsScans);
        }
    }

    /// <summary>The memory for decoding in bytes, without the decoded image.</summary>
    /// <param name="isStreamed">Whether all components are in the first scan.</param>
    public long WorkingBytes(bool isStreamed)
    {
        long bytes = 0;
        foreach (JpegComponent component in Components)
        {
            bytes += component.SampleBytes(isStreamed || IsProgressive) + (IsProgressive ? component.CoefficientBytes : 0);
        }

        return bytes;
    }

    public void ReturnAll()
    {
        foreach (JpegComponent component in Components)
        {
            component.ReturnAll();
        }
    }

    private static JpegComponent ReadComponent(
        ref JpegSegment segment, ReadOnlySpan<JpegComponent> before, BlemishList blemishes)
    {
        int offset = segment.Offset;
        int id = segment.ReadByte();
        int sampling = segment.ReadByte();
        int quantization = segment.ReadByte();
        foreach (JpegComponent other in before)
        {
            if (other.Id == id)
            {
                blemishes.Add($"Several components have the identifier {id}; they are taken in order.", offset);
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
            0xC3 => "a lossless JPEG image",
            0xC5 or 0xC6 or 0xC7 => "a hierarchical JPEG image",
            0xC9 or 0xCA or 0xCB => "an arithmetic-coded JPEG image",
            _ => "a hierarchical arithmetic-coded JPEG image",
        };

        if (process is not null)
        {
            throw ImageDecoder.Unsupported(process, offset);
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
                $"The image is {Width}x{Height}, which needs {largest} values; expected at most {Array.MaxLength}.", offset)
            {
                Cause = "too large",
            };
        }
    }
}

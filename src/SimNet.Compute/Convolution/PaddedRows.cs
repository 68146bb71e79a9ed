using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>Some rows of a channels-last picture with zeros around: those rows in place where nothing needs adding, else a copy.</summary>
/// <param name="Shape">The picture.</param>
/// <param name="First">The first row; negative for rows of zeros above.</param>
/// <param name="Count">Number of rows; those past the picture's last are zeros.</param>
/// <param name="Left">Columns of zeros before each row.</param>
/// <param name="Right">Columns of zeros after each row.</param>
/// <param name="SourceStride">Values from one pixel of the picture to the next; more than it has channels where it is part of a wider one.</param>
/// <param name="GapsAllowed">Whether pixels may lie further apart than they have channels.</param>
internal readonly unsafe record struct PaddedRows(Shape Shape, int First, int Count, int Left, int Right, int SourceStride, bool GapsAllowed)
{
    /// <summary>Values from one pixel to the next.</summary>
    public int PixelStride => InPlace ? SourceStride : Shape.Channels;

    /// <summary>Values from one row to the next.</summary>
    public int Stride => checked((Left + Shape.Width + Right) * PixelStride);

    /// <summary>Values that a copy takes.</summary>
    public int Length => checked(Count * Stride);

    /// <summary>Whether the picture can be used as it lies.</summary>
    public bool InPlace => Left == 0 && Right == 0 && First >= 0 && First + Count <= Shape.Height && (GapsAllowed || SourceStride == Shape.Channels);

    /// <summary>The rows: a pointer into the picture, or to their copy in <paramref name="workspace"/>.</summary>
    public float* Get(float* picture, float* workspace)
    {
        if (InPlace)
        {
            return picture + (nint)First * Stride;
        }

        Copy(picture, workspace);
        return workspace;
    }

    /// <summary>Copies the rows, with the zeros around them, to where no gaps are between pixels.</summary>
    public void Copy(float* picture, float* target)
    {
        int width = Shape.Width * Shape.Channels;
        int left = Left * Shape.Channels;
        int right = Right * Shape.Channels;
        int stride = left + width + right;
        float* to = target;
        for (int row = First; row < First + Count; row++)
        {
            if ((uint)row >= (uint)Shape.Height)
            {
                new Span<float>(to, stride).Clear();
            }
            else
            {
                new Span<float>(to, left).Clear();
                CopyRow(picture + (nint)row * Shape.Width * SourceStride, to + left);
                new Span<float>(to + left + width, right).Clear();
            }

            to += stride;
        }
    }

    private void CopyRow(float* from, float* to)
    {
        if (SourceStride == Shape.Channels)
        {
            Unsafe.CopyBlockUnaligned(to, from, (uint)(Shape.Width * Shape.Channels) * sizeof(float));
        }
        else
        {
            TensorLayout.CopyChannels(from, SourceStride, to, Shape.Channels, Shape.Channels, Shape.Width);
        }
    }
}

using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// A range of rows of a channels-last feature map with zero padding: the rows in place if they need no padding, or a copy.
/// </summary>
/// <param name="Shape">Shape of the feature map.</param>
/// <param name="First">The first row; negative for rows of zeros above the feature map.</param>
/// <param name="Count">Number of rows; those below the feature map are zeros.</param>
/// <param name="Left">Number of columns of zeros before each row.</param>
/// <param name="Right">Number of columns of zeros after each row.</param>
/// <param name="SourceStride">
/// Distance between consecutive pixels, in values; greater than the number of channels if they are a slice of a wider feature map.
/// </param>
/// <param name="GapsAllowed">Whether the caller accepts a distance between pixels that is greater than the number of channels.</param>
internal readonly unsafe record struct PaddedRows(
    Shape Shape, int First, int Count, int Left, int Right, int SourceStride, bool GapsAllowed)
{
    /// <summary>Distance between consecutive pixels, in values.</summary>
    public int PixelStride => InPlace ? SourceStride : Shape.Channels;

    /// <summary>Distance between consecutive rows, in values.</summary>
    public int Stride => checked((Left + Shape.Width + Right) * PixelStride);

    /// <summary>Number of values of a copy.</summary>
    public int Length => checked(Count * Stride);

    /// <summary>Whether the rows can be read in place.</summary>
    public bool InPlace => Left == 0 && Right == 0 && First >= 0 && First + Count <= Shape.Height
        && (GapsAllowed || SourceStride == Shape.Channels);

    /// <summary>The rows: a pointer into the feature map, or to a copy in <paramref name="workspace"/>.</summary>
    public float* Get(float* source, float* workspace)
    {
        if (InPlace)
        {
            return source + (nint)First * Stride;
        }

        Copy(source, workspace);
        return workspace;
    }

    /// <summary>Copies the rows with their padding, without gaps between pixels.</summary>
    public void Copy(float* source, float* target)
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
                CopyRow(source + (nint)row * Shape.Width * SourceStride, to + left);
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

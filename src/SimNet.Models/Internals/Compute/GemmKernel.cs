using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Models;

/// <summary>
/// The product that convolutions and their gradients are made of: a register tile of rows times columns is accumulated over the
/// whole inner dimension before it is written. Every width adds the products of one result in the same order.
/// </summary>
internal abstract class GemmKernel
{
    /// <summary>Rows come in multiples of this.</summary>
    public const int TileRows = 8;

    /// <summary>Columns of a packed panel of B.</summary>
    public const int PanelColumns = 32;

    public abstract void Multiply(in GemmPanel panel);
}

/// <summary><see cref="GemmKernel"/> at one width.</summary>
internal sealed unsafe class GemmKernel<TSimd, TVector> : GemmKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void Multiply(in GemmPanel panel)
    {
        // Thirty-two registers hold 8 x 2 accumulators; the narrower sets have sixteen and take 4 x 2.
        bool wide = typeof(TVector) == typeof(Vector512<float>);
        int count = TSimd.Count;
        int rows = panel.Tiles * TileRows;
        int column = 0;
        for (; column < panel.Columns; column += 2 * count)
        {
            if (!wide)
            {
                for (int row = 0; row < rows; row += 4)
                {
                    Tile4x2(panel, row, column);
                }
            }
            else if (panel.Columns - column > count)
            {
                for (int row = 0; row < rows; row += 8)
                {
                    Tile8x2(panel, row, column);
                }
            }
            else
            {
                for (int row = 0; row < rows; row += 8)
                {
                    Tile8x1(panel, row, column);
                }
            }
        }
    }

    /// <summary>Eight rows, two vectors of columns: sixteen accumulators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2(in GemmPanel panel, int row, int column)
    {
        int count = TSimd.Count;
        int* rows = panel.ARows + row;
        float* a0 = panel.A + rows[0];
        float* a1 = panel.A + rows[1];
        float* a2 = panel.A + rows[2];
        float* a3 = panel.A + rows[3];
        float* a4 = panel.A + rows[4];
        float* a5 = panel.A + rows[5];
        float* a6 = panel.A + rows[6];
        float* a7 = panel.A + rows[7];

        TVector c00 = panel.Bias == null ? default : TSimd.Load(panel.Bias + column);
        TVector c01 = panel.Bias == null ? default : TSimd.Load(panel.Bias + column + count);
        TVector c10 = c00, c11 = c01;
        TVector c20 = c00, c21 = c01;
        TVector c30 = c00, c31 = c01;
        TVector c40 = c00, c41 = c01;
        TVector c50 = c00, c51 = c01;
        TVector c60 = c00, c61 = c01;
        TVector c70 = c00, c71 = c01;

        nint aStep = panel.AStep;
        nint bStep = panel.BStep;
        nint aSegment = 0;
        float* bSegment = panel.B + column;
        for (int segment = panel.Segments; segment > 0; segment--)
        {
            nint k = aSegment;
            float* b = bSegment;
            for (int i = panel.SegmentLength; i > 0; i--)
            {
                TVector b0 = TSimd.Load(b);
                TVector b1 = TSimd.Load(b + count);
                TVector a = TSimd.Create(a0[k]);
                c00 = TSimd.MultiplyAdd(a, b0, c00);
                c01 = TSimd.MultiplyAdd(a, b1, c01);
                a = TSimd.Create(a1[k]);
                c10 = TSimd.MultiplyAdd(a, b0, c10);
                c11 = TSimd.MultiplyAdd(a, b1, c11);
                a = TSimd.Create(a2[k]);
                c20 = TSimd.MultiplyAdd(a, b0, c20);
                c21 = TSimd.MultiplyAdd(a, b1, c21);
                a = TSimd.Create(a3[k]);
                c30 = TSimd.MultiplyAdd(a, b0, c30);
                c31 = TSimd.MultiplyAdd(a, b1, c31);
                a = TSimd.Create(a4[k]);
                c40 = TSimd.MultiplyAdd(a, b0, c40);
                c41 = TSimd.MultiplyAdd(a, b1, c41);
                a = TSimd.Create(a5[k]);
                c50 = TSimd.MultiplyAdd(a, b0, c50);
                c51 = TSimd.MultiplyAdd(a, b1, c51);
                a = TSimd.Create(a6[k]);
                c60 = TSimd.MultiplyAdd(a, b0, c60);
                c61 = TSimd.MultiplyAdd(a, b1, c61);
                a = TSimd.Create(a7[k]);
                c70 = TSimd.MultiplyAdd(a, b0, c70);
                c71 = TSimd.MultiplyAdd(a, b1, c71);
                k += aStep;
                b += bStep;
            }

            aSegment += panel.ASegmentStride;
            bSegment += panel.BSegmentStride;
        }

        int* targets = panel.CRows + row;
        float* c = panel.C + column;
        if (panel.Columns - column >= 2 * count)
        {
            Write(c + targets[0], panel.Accumulate, c00, c01);
            Write(c + targets[1], panel.Accumulate, c10, c11);
            Write(c + targets[2], panel.Accumulate, c20, c21);
            Write(c + targets[3], panel.Accumulate, c30, c31);
            Write(c + targets[4], panel.Accumulate, c40, c41);
            Write(c + targets[5], panel.Accumulate, c50, c51);
            Write(c + targets[6], panel.Accumulate, c60, c61);
            Write(c + targets[7], panel.Accumulate, c70, c71);
        }
        else
        {
            int columns = panel.Columns - column;
            WritePart(c + targets[0], panel.Accumulate, columns, c00, c01);
            WritePart(c + targets[1], panel.Accumulate, columns, c10, c11);
            WritePart(c + targets[2], panel.Accumulate, columns, c20, c21);
            WritePart(c + targets[3], panel.Accumulate, columns, c30, c31);
            WritePart(c + targets[4], panel.Accumulate, columns, c40, c41);
            WritePart(c + targets[5], panel.Accumulate, columns, c50, c51);
            WritePart(c + targets[6], panel.Accumulate, columns, c60, c61);
            WritePart(c + targets[7], panel.Accumulate, columns, c70, c71);
        }
    }

    /// <summary>Eight rows, one vector of columns: eight accumulators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1(in GemmPanel panel, int row, int column)
    {
        int count = TSimd.Count;
        int* rows = panel.ARows + row;
        float* a0 = panel.A + rows[0];
        float* a1 = panel.A + rows[1];
        float* a2 = panel.A + rows[2];
        float* a3 = panel.A + rows[3];
        float* a4 = panel.A + rows[4];
        float* a5 = panel.A + rows[5];
        float* a6 = panel.A + rows[6];
        float* a7 = panel.A + rows[7];

        TVector c00 = panel.Bias == null ? default : TSimd.Load(panel.Bias + column);
        TVector c10 = c00;
        TVector c20 = c00;
        TVector c30 = c00;
        TVector c40 = c00;
        TVector c50 = c00;
        TVector c60 = c00;
        TVector c70 = c00;

        nint aStep = panel.AStep;
        nint bStep = panel.BStep;
        nint aSegment = 0;
        float* bSegment = panel.B + column;
        for (int segment = panel.Segments; segment > 0; segment--)
        {
            nint k = aSegment;
            float* b = bSegment;
            for (int i = panel.SegmentLength; i > 0; i--)
            {
                TVector b0 = TSimd.Load(b);
                TVector a = TSimd.Create(a0[k]);
                c00 = TSimd.MultiplyAdd(a, b0, c00);
                a = TSimd.Create(a1[k]);
                c10 = TSimd.MultiplyAdd(a, b0, c10);
                a = TSimd.Create(a2[k]);
                c20 = TSimd.MultiplyAdd(a, b0, c20);
                a = TSimd.Create(a3[k]);
                c30 = TSimd.MultiplyAdd(a, b0, c30);
                a = TSimd.Create(a4[k]);
                c40 = TSimd.MultiplyAdd(a, b0, c40);
                a = TSimd.Create(a5[k]);
                c50 = TSimd.MultiplyAdd(a, b0, c50);
                a = TSimd.Create(a6[k]);
                c60 = TSimd.MultiplyAdd(a, b0, c60);
                a = TSimd.Create(a7[k]);
                c70 = TSimd.MultiplyAdd(a, b0, c70);
                k += aStep;
                b += bStep;
            }

            aSegment += panel.ASegmentStride;
            bSegment += panel.BSegmentStride;
        }

        int* targets = panel.CRows + row;
        float* c = panel.C + column;
        if (panel.Columns - column >= count)
        {
            Write(c + targets[0], panel.Accumulate, c00);
            Write(c + targets[1], panel.Accumulate, c10);
            Write(c + targets[2], panel.Accumulate, c20);
            Write(c + targets[3], panel.Accumulate, c30);
            Write(c + targets[4], panel.Accumulate, c40);
            Write(c + targets[5], panel.Accumulate, c50);
            Write(c + targets[6], panel.Accumulate, c60);
            Write(c + targets[7], panel.Accumulate, c70);
        }
        else
        {
            int columns = panel.Columns - column;
            WritePart(c + targets[0], panel.Accumulate, columns, c00, default);
            WritePart(c + targets[1], panel.Accumulate, columns, c10, default);
            WritePart(c + targets[2], panel.Accumulate, columns, c20, default);
            WritePart(c + targets[3], panel.Accumulate, columns, c30, default);
            WritePart(c + targets[4], panel.Accumulate, columns, c40, default);
            WritePart(c + targets[5], panel.Accumulate, columns, c50, default);
            WritePart(c + targets[6], panel.Accumulate, columns, c60, default);
            WritePart(c + targets[7], panel.Accumulate, columns, c70, default);
        }
    }

    /// <summary>Four rows, two vectors of columns: eight accumulators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(in GemmPanel panel, int row, int column)
    {
        int count = TSimd.Count;
        int* rows = panel.ARows + row;
        float* a0 = panel.A + rows[0];
        float* a1 = panel.A + rows[1];
        float* a2 = panel.A + rows[2];
        float* a3 = panel.A + rows[3];

        TVector c00 = panel.Bias == null ? default : TSimd.Load(panel.Bias + column);
        TVector c01 = panel.Bias == null ? default : TSimd.Load(panel.Bias + column + count);
        TVector c10 = c00, c11 = c01;
        TVector c20 = c00, c21 = c01;
        TVector c30 = c00, c31 = c01;

        nint aStep = panel.AStep;
        nint bStep = panel.BStep;
        nint aSegment = 0;
        float* bSegment = panel.B + column;
        for (int segment = panel.Segments; segment > 0; segment--)
        {
            nint k = aSegment;
            float* b = bSegment;
            for (int i = panel.SegmentLength; i > 0; i--)
            {
                TVector b0 = TSimd.Load(b);
                TVector b1 = TSimd.Load(b + count);
                TVector a = TSimd.Create(a0[k]);
                c00 = TSimd.MultiplyAdd(a, b0, c00);
                c01 = TSimd.MultiplyAdd(a, b1, c01);
                a = TSimd.Create(a1[k]);
                c10 = TSimd.MultiplyAdd(a, b0, c10);
                c11 = TSimd.MultiplyAdd(a, b1, c11);
                a = TSimd.Create(a2[k]);
                c20 = TSimd.MultiplyAdd(a, b0, c20);
                c21 = TSimd.MultiplyAdd(a, b1, c21);
                a = TSimd.Create(a3[k]);
                c30 = TSimd.MultiplyAdd(a, b0, c30);
                c31 = TSimd.MultiplyAdd(a, b1, c31);
                k += aStep;
                b += bStep;
            }

            aSegment += panel.ASegmentStride;
            bSegment += panel.BSegmentStride;
        }

        int* targets = panel.CRows + row;
        float* c = panel.C + column;
        if (panel.Columns - column >= 2 * count)
        {
            Write(c + targets[0], panel.Accumulate, c00, c01);
            Write(c + targets[1], panel.Accumulate, c10, c11);
            Write(c + targets[2], panel.Accumulate, c20, c21);
            Write(c + targets[3], panel.Accumulate, c30, c31);
        }
        else
        {
            int columns = panel.Columns - column;
            WritePart(c + targets[0], panel.Accumulate, columns, c00, c01);
            WritePart(c + targets[1], panel.Accumulate, columns, c10, c11);
            WritePart(c + targets[2], panel.Accumulate, columns, c20, c21);
            WritePart(c + targets[3], panel.Accumulate, columns, c30, c31);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* target, bool accumulate, TVector first)
    {
        TSimd.Store(accumulate ? TSimd.Add(TSimd.Load(target), first) : first, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* target, bool accumulate, TVector first, TVector second)
    {
        int count = TSimd.Count;
        if (accumulate)
        {
            first = TSimd.Add(TSimd.Load(target), first);
            second = TSimd.Add(TSimd.Load(target + count), second);
        }

        TSimd.Store(first, target);
        TSimd.Store(second, target + count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WritePart(float* target, bool accumulate, int columns, TVector first, TVector second)
    {
        float* values = stackalloc float[32];
        TSimd.Store(first, values);
        TSimd.Store(second, values + TSimd.Count);
        for (int c = 0; c < columns; c++)
        {
            target[c] = accumulate ? target[c] + values[c] : values[c];
        }
    }
}

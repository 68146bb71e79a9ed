using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Compute;

/// <summary>
/// The GEMM micro-kernel of convolutions and their gradients: a register tile of rows x columns is accumulated over the whole inner
/// dimension before it is stored, with B packed into panels (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication",
/// 2008; Van Zee and van de Geijn, "BLIS", 2015). Every vector width sums the products of a result in the same order.
/// </summary>
internal abstract class GemmKernel
{
    /// <summary>Number of columns of a packed panel of B.</summary>
    public const int PanelColumns = 32;

    /// <summary>Computes one panel of a product.</summary>
    public abstract void Multiply(in GemmPanel panel);

    /// <summary>Number of columns rounded up to whole panels.</summary>
    public static int PaddedColumns(int columns) => (columns + PanelColumns - 1) / PanelColumns * PanelColumns;
}

/// <summary><see cref="GemmKernel"/> at one vector width.</summary>
[SkipLocalsInit]
internal sealed unsafe class GemmKernel<TSimd, TVector> : GemmKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>With 32 vector registers a tile has 8 x 2 accumulators, with 16 registers 6 x 2.</summary>
    private static int MaximumRows => typeof(TVector) == typeof(Vector512<float>) ? 8 : 6;

    public override void Multiply(in GemmPanel panel)
    {
        for (int column = 0; column < panel.Columns; column += 2 * TSimd.Count)
        {
            if (panel.Columns - column > TSimd.Count)
            {
                Rows<TileSize2>(panel, column);
            }
            else
            {
                Rows<TileSize1>(panel, column);
            }
        }
    }

    /// <summary>All rows, in tiles whose heights differ by at most one, so that no padding row is computed.</summary>
    private static void Rows<TVectors>(in GemmPanel panel, int column)
        where TVectors : struct, ITileSize
    {
        // Tiles with partial vectors or an epilogue go to a buffer first.
        float* storage = stackalloc float[8 * PanelColumns + 16];
        int columns = Math.Min(panel.Columns - column, TVectors.Value * TSimd.Count);
        bool direct = columns == TVectors.Value * TSimd.Count && panel.Epilogue == default;
        float* buffer = direct ? null : (float*)((nint)storage + 63 & ~63);
        int tiles = (panel.Rows + MaximumRows - 1) / MaximumRows;
        int row = 0;
        for (int tile = 0; tile < tiles; tile++)
        {
            int height = (panel.Rows - row) / (tiles - tile);
            switch (height)
            {
                case 8: Tile<TileSize8, TVectors>(panel, row, column, buffer); break;
                case 7: Tile<TileSize7, TVectors>(panel, row, column, buffer); break;
                case 6: Tile<TileSize6, TVectors>(panel, row, column, buffer); break;
                case 5: Tile<TileSize5, TVectors>(panel, row, column, buffer); break;
                case 4: Tile<TileSize4, TVectors>(panel, row, column, buffer); break;
                case 3: Tile<TileSize3, TVectors>(panel, row, column, buffer); break;
                case 2: Tile<TileSize2, TVectors>(panel, row, column, buffer); break;
                default: Tile<TileSize1, TVectors>(panel, row, column, buffer); break;
            }

            if (!direct)
            {
                Finish(panel, row, height, column, columns, buffer);
            }

            row += height;
        }
    }

    /// <summary>
    /// Computes a tile of up to eight rows and two vectors of columns, and stores it to <paramref name="buffer"/> or, if that is null, to
    /// C. The compiler specializes the method for each tile size.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows, TVectors>(in GemmPanel panel, int row, int column, float* buffer)
        where TRows : struct, ITileSize
        where TVectors : struct, ITileSize
    {
        int count = TSimd.Count;
        int* rows = panel.ARows + row;
        float* a0 = panel.A + rows[0];
        float* a1 = TRows.Value > 1 ? panel.A + rows[1] : a0;
        float* a2 = TRows.Value > 2 ? panel.A + rows[2] : a0;
        float* a3 = TRows.Value > 3 ? panel.A + rows[3] : a0;
        float* a4 = TRows.Value > 4 ? panel.A + rows[4] : a0;
        float* a5 = TRows.Value > 5 ? panel.A + rows[5] : a0;
        float* a6 = TRows.Value > 6 ? panel.A + rows[6] : a0;
        float* a7 = TRows.Value > 7 ? panel.A + rows[7] : a0;

        TVector c00 = panel.Bias == null ? default : TSimd.Load(panel.Bias + column);
        TVector c01 = panel.Bias == null || TVectors.Value < 2 ? default : TSimd.Load(panel.Bias + column + count);
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
                TVector b1 = TVectors.Value > 1 ? TSimd.Load(b + count) : default;
                TVector a = TSimd.Create(a0[k]);
                c00 = TSimd.MultiplyAdd(a, b0, c00);
                c01 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c01) : c01;
                if (TRows.Value > 1)
                {
                    a = TSimd.Create(a1[k]);
                    c10 = TSimd.MultiplyAdd(a, b0, c10);
                    c11 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c11) : c11;
                }

                if (TRows.Value > 2)
                {
                    a = TSimd.Create(a2[k]);
                    c20 = TSimd.MultiplyAdd(a, b0, c20);
                    c21 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c21) : c21;
                }

                if (TRows.Value > 3)
                {
                    a = TSimd.Create(a3[k]);
                    c30 = TSimd.MultiplyAdd(a, b0, c30);
                    c31 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c31) : c31;
                }

                if (TRows.Value > 4)
                {
                    a = TSimd.Create(a4[k]);
                    c40 = TSimd.MultiplyAdd(a, b0, c40);
                    c41 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c41) : c41;
                }

                if (TRows.Value > 5)
                {
                    a = TSimd.Create(a5[k]);
                    c50 = TSimd.MultiplyAdd(a, b0, c50);
                    c51 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c51) : c51;
                }

                if (TRows.Value > 6)
                {
                    a = TSimd.Create(a6[k]);
                    c60 = TSimd.MultiplyAdd(a, b0, c60);
                    c61 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c61) : c61;
                }

                if (TRows.Value > 7)
                {
                    a = TSimd.Create(a7[k]);
                    c70 = TSimd.MultiplyAdd(a, b0, c70);
                    c71 = TVectors.Value > 1 ? TSimd.MultiplyAdd(a, b1, c71) : c71;
                }

                k += aStep;
                b += bStep;
            }

            aSegment += panel.ASegmentStride;
            bSegment += panel.BSegmentStride;
        }

        // There must be no call here: the accumulators would be spilled to memory throughout the loop.
        if (buffer == null)
        {
            int* targets = panel.CRows + row;
            float* c = panel.C + column;
            Store<TVectors>(c + targets[0], c00, c01);
            if (TRows.Value > 1)
            {
                Store<TVectors>(c + targets[1], c10, c11);
            }

            if (TRows.Value > 2)
            {
                Store<TVectors>(c + targets[2], c20, c21);
            }

            if (TRows.Value > 3)
            {
                Store<TVectors>(c + targets[3], c30, c31);
            }

            if (TRows.Value > 4)
            {
                Store<TVectors>(c + targets[4], c40, c41);
            }

            if (TRows.Value > 5)
            {
                Store<TVectors>(c + targets[5], c50, c51);
            }

            if (TRows.Value > 6)
            {
                Store<TVectors>(c + targets[6], c60, c61);
            }

            if (TRows.Value > 7)
            {
                Store<TVectors>(c + targets[7], c70, c71);
            }
        }
        else
        {
            Store<TVectors>(buffer, c00, c01);
            if (TRows.Value > 1)
            {
                Store<TVectors>(buffer + 1 * PanelColumns, c10, c11);
            }

            if (TRows.Value > 2)
            {
                Store<TVectors>(buffer + 2 * PanelColumns, c20, c21);
            }

            if (TRows.Value > 3)
            {
                Store<TVectors>(buffer + 3 * PanelColumns, c30, c31);
            }

            if (TRows.Value > 4)
            {
                Store<TVectors>(buffer + 4 * PanelColumns, c40, c41);
            }

            if (TRows.Value > 5)
            {
                Store<TVectors>(buffer + 5 * PanelColumns, c50, c51);
            }

            if (TRows.Value > 6)
            {
                Store<TVectors>(buffer + 6 * PanelColumns, c60, c61);
            }

            if (TRows.Value > 7)
            {
                Store<TVectors>(buffer + 7 * PanelColumns, c70, c71);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVectors>(float* target, TVector first, TVector second)
        where TVectors : struct, ITileSize
    {
        TSimd.Store(first, target);
        if (TVectors.Value > 1)
        {
            TSimd.Store(second, target + TSimd.Count);
        }
    }

    /// <summary>Applies the epilogue to a buffered tile and stores it to C.</summary>
    private static void Finish(in GemmPanel panel, int row, int height, int column, int columns, float* tile)
    {
        if (panel.Epilogue.IsExponential)
        {
            FinishExponential(panel, row, height, column, columns, tile);
            return;
        }

        int whole = columns - columns % TSimd.Count;
        for (int r = 0; r < height; r++)
        {
            float* from = tile + r * PanelColumns;
            float* to = panel.C + panel.CRows[row + r] + column;
            for (int c = 0; c < whole; c += TSimd.Count)
            {
                TSimd.Store(panel.Epilogue.Apply<TSimd, TVector>(to + c, TSimd.Load(from + c)), to + c);
            }

            for (int c = whole; c < columns; c++)
            {
                to[c] = panel.Epilogue.Apply<SimdScalar, float>(to + c, from[c]);
            }
        }
    }

    /// <summary>The same for an exponential epilogue, whose code is in the loop and whose constants stay in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FinishExponential(in GemmPanel panel, int row, int height, int column, int columns, float* tile)
    {
        Epilogue epilogue = panel.Epilogue;
        for (int r = 0; r < height; r++)
        {
            float* from = tile + r * PanelColumns;
            float* to = panel.C + panel.CRows[row + r] + column;
            for (int c = 0; c < columns; c += TSimd.Count)
            {
                TVector value = epilogue.ApplyExponential<TSimd, TVector>(to + c, TSimd.Load(from + c));
                if (columns - c >= TSimd.Count)
                {
                    TSimd.Store(value, to + c);
                }
                else
                {
                    TSimd.Store(value, from + c);
                    new ReadOnlySpan<float>(from + c, columns - c).CopyTo(new Span<float>(to + c, columns - c));
                }
            }
        }
    }
}

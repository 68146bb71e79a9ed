namespace SimNet.Core;

/// <summary>
/// Maps rows of the index to products and their images. The rows of a product are consecutive and in the order of its images.
/// </summary>
internal sealed class ProductRows
{
    private readonly int[] _firstRow;
    private readonly int[] _productOfRow;

    public ProductRows(ProductCatalog products)
    {
        _firstRow = new int[products.Count + 1];
        for (int i = 0; i < products.Count; i++)
        {
            _firstRow[i + 1] = checked(_firstRow[i] + products[i].Images.Length);
        }

        _productOfRow = new int[_firstRow[^1]];
        for (int i = 0; i < products.Count; i++)
        {
            _productOfRow.AsSpan(_firstRow[i].._firstRow[i + 1]).Fill(i);
        }
    }

    /// <summary>The number of rows.</summary>
    public int Count => _productOfRow.Length;

    public int ProductOf(int row) => _productOfRow[row];

    public int ImageOf(int row) => row - _firstRow[_productOfRow[row]];

    public (int Start, int End) RowsOf(int product) => (_firstRow[product], _firstRow[product + 1]);
}

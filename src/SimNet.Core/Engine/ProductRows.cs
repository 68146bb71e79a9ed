namespace SimNet.Core;

/// <summary>Which rows of the index are images of which product. A product's rows stand together, in its images' order.</summary>
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

    /// <summary>Number of rows.</summary>
    public int Count => _productOfRow.Length;

    public int ProductOf(int row) => _productOfRow[row];

    public int ImageOf(int row) => row - _firstRow[_productOfRow[row]];

    public (int Start, int End) RowsOf(int product) => (_firstRow[product], _firstRow[product + 1]);
}

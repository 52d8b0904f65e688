//! The roles that accounts play in postings (spec/trade.md 5.14, spec/field.md 5.9).

platform::words! {
    /// What an account is for when something is posted. Which account plays it, each book says for itself.
    Role {
        /// What customers owe.
        Customers = "customers",
        /// What customers paid ahead.
        CustomerAdvances = "customer_advances",
        /// What customers were billed ahead of the supply.
        CustomerDeposits = "customer_deposits",
        /// What customers owe who may not pay.
        DoubtfulCustomers = "doubtful_customers",
        /// What is owed to suppliers and subcontractors.
        Suppliers = "suppliers",
        /// What was paid ahead to suppliers.
        SupplierAdvances = "supplier_advances",
        /// Money at the bank.
        Bank = "bank",
        /// Money in the till.
        Cash = "cash",
        /// Cheques received and not yet cashed.
        Cheques = "cheques",
        /// Card payments received and not yet credited.
        Cards = "cards",
        /// Money on its way from one of our accounts to another.
        Transit = "transit",
        /// Services and labour sold.
        SalesServices = "sales_services",
        /// Goods and parts sold.
        SalesGoods = "sales_goods",
        /// Works sold.
        SalesWorks = "sales_works",
        /// Travel invoiced.
        SalesTravel = "sales_travel",
        /// Goods taken back.
        SalesReturns = "sales_returns",
        /// Discounts granted.
        DiscountsGranted = "discounts_granted",
        /// VAT collected and due.
        VatCollected = "vat_collected",
        /// VAT invoiced that is due once it is paid.
        VatPending = "vat_pending",
        /// VAT paid that is deducted.
        VatDeductible = "vat_deductible",
        /// VAT that the buyer owes himself.
        VatReverseCharge = "vat_reverse_charge",
        /// Goods and services bought.
        Purchases = "purchases",
        /// Work bought from subcontractors.
        Subcontracting = "subcontracting",
        /// What another entity of the tenant owes.
        IntercompanyReceivable = "intercompany_receivable",
        /// What is owed to another entity of the tenant.
        IntercompanyPayable = "intercompany_payable",
        /// Sales to another entity of the tenant.
        IntercompanySales = "intercompany_sales",
        /// Purchases from another entity of the tenant.
        IntercompanyPurchases = "intercompany_purchases",
        /// Gains by exchange rates.
        FxGain = "fx_gain",
        /// Losses by exchange rates.
        FxLoss = "fx_loss",
        /// Cents won by rounding.
        RoundingGain = "rounding_gain",
        /// Cents lost by rounding.
        RoundingLoss = "rounding_loss",
        /// Discounts for paying early.
        EarlyPaymentDiscount = "early_payment_discount",
        /// Claims that will not be paid.
        BadDebts = "bad_debts",
        /// The other side of balances brought in from before.
        OpeningBalance = "opening_balance",
        /// The result of a closed year, when it is a profit.
        ResultProfit = "result_profit",
        /// The result of a closed year, when it is a loss.
        ResultLoss = "result_loss",
        /// Goods in stock.
        Inventory = "inventory",
        /// The cost of goods sold.
        Cogs = "cogs",
        /// Stock found or missing when counted.
        InventoryAdjustment = "inventory_adjustment",
        /// Stock lost, damaged or past its date.
        Shrinkage = "shrinkage",
        /// The other side of stock brought in from before.
        OpeningStock = "opening_stock",
        /// Goods received that are not invoiced yet.
        Grni = "grni",
        /// Fees for taking goods back.
        RestockFees = "restock_fees",
        /// Rebates that suppliers grant.
        PurchaseRebates = "purchase_rebates",
        /// Income of other kinds.
        OtherIncome = "other_income",
        /// Goods invoiced at another price than received.
        PriceVariance = "price_variance",
        /// Freight and duties on their way into the cost of goods.
        LandedCostClearing = "landed_cost_clearing",
        /// A till that holds more or less than it should.
        CashOverShort = "cash_over_short",
        /// Small expenses paid from the till.
        PettyExpenses = "petty_expenses",
        /// The other side of corrections.
        Adjustment = "adjustment",
        /// What the bank charges.
        BankFees = "bank_fees",
    }
}

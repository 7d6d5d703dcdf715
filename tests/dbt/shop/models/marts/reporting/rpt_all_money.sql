{{ house_utils.union_all(ref('int_payments_pivoted'), ref('int_refunds_by_order'), columns=['order_id']) }}
